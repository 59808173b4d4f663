using Lazaret.Node.Delivery.Sending;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Delivery;

/// <summary>
/// One message to one endpoint: that a job is over. Written in the transaction that ends the job, and tried until the receiver has
/// it. The message itself is made anew from the job at each attempt, so that no part of a result is stored here.
/// </summary>
internal sealed class WebhookDelivery
{
    public const string IdPrefix = "msg_";

    // For EF Core, which fills the properties.
    private WebhookDelivery()
    {
    }

    public Guid Id { get; private init; }

    public Guid JobId { get; private init; }

    public Guid EndpointId { get; private init; }

    /// <summary>The event: <c>job.completed</c>, <c>job.blocked</c>, <c>job.failed</c>, <c>job.cancelled</c>.</summary>
    public string Type { get; private init; } = "";

    public DateTimeOffset CreatedAt { get; private init; }

    public DeliveryState State { get; private set; }

    /// <summary>How many attempts were begun.</summary>
    public int Attempts { get; private set; }

    /// <summary>How far the <see cref="RetrySchedule"/> has come; a redelivery starts it again.</summary>
    public int Retries { get; private set; }

    /// <summary>When the next attempt is due; during an attempt, the time after which it counts as lost.</summary>
    public DateTimeOffset DueAt { get; private set; }

    /// <summary>Counts the changes; of two writers that read the same version, one loses.</summary>
    public long Version { get; private set; }

    /// <summary>The <c>webhook-id</c>, the same at every attempt.</summary>
    public string MessageId => $"{IdPrefix}{Id:N}";

    public static WebhookDelivery Of(Guid job, Guid endpoint, string type, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        JobId = job,
        EndpointId = endpoint,
        Type = type,
        CreatedAt = now,
        DueAt = now,
    };

    /// <summary>A process takes the delivery for one attempt. When the lease is over, another process may take it.</summary>
    public void Claim(DateTimeOffset now, TimeSpan lease)
    {
        Attempts++;
        DueAt = now + lease;
        Version++;
    }

    /// <summary>The attempt is over: delivered, given up, or due again.</summary>
    public void Conclude(AttemptOutcome outcome, DateTimeOffset now)
    {
        Version++;
        switch (outcome)
        {
            case AttemptOutcome.Taken:
                State = DeliveryState.Delivered;
                return;
            case AttemptOutcome.Gone or AttemptOutcome.Unanswered(AttemptEnd.EndpointDisabled):
                State = DeliveryState.Failed;
                return;
            case AttemptOutcome.Unanswered(AttemptEnd.Stopped):
                DueAt = now;
                return;
        }

        if (RetrySchedule.Next(Retries, (outcome as AttemptOutcome.Refused)?.RetryAfter) is { } pause)
        {
            Retries++;
            DueAt = now + pause;
        }
        else
        {
            State = DeliveryState.Failed;
        }
    }

    /// <summary>The operator wants it delivered again, whatever became of it: now, and with all its retries.</summary>
    public void Redeliver(DateTimeOffset now)
    {
        State = DeliveryState.Pending;
        Retries = 0;
        DueAt = now;
        Version++;
    }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<WebhookDelivery>
    {
        public void Configure(EntityTypeBuilder<WebhookDelivery> delivery)
        {
            delivery.ToTable("WebhookDeliveries");
            delivery.Property(d => d.Version).IsConcurrencyToken();
            delivery.HasIndex(d => new { d.State, d.DueAt });
            delivery.HasOne<Job>().WithOne().HasForeignKey<WebhookDelivery>(d => d.JobId);
            delivery.HasOne<WebhookEndpoint>().WithMany().HasForeignKey(d => d.EndpointId);
        }
    }
}

/// <summary>The table.</summary>
internal static class WebhookDeliveriesTable
{
    extension(LazaretDb db)
    {
        public DbSet<WebhookDelivery> WebhookDeliveries => db.Set<WebhookDelivery>();
    }
}
