using Lazaret.Node.Delivery.Sending;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Delivery;

/// <summary>A line of the delivery log. What was sent and what was answered is not kept.</summary>
internal sealed class WebhookAttempt
{
    public required Guid DeliveryId { get; init; }

    public required int Attempt { get; init; }

    public required DateTimeOffset At { get; init; }

    public required AttemptEnd Ending { get; init; }

    /// <summary>The receiver's answer, if one came.</summary>
    public required int? Status { get; init; }

    public required long Milliseconds { get; init; }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<WebhookAttempt>
    {
        public void Configure(EntityTypeBuilder<WebhookAttempt> attempt)
        {
            attempt.ToTable("WebhookAttempts");
            attempt.HasKey(a => new { a.DeliveryId, a.Attempt });
            attempt.HasOne<WebhookDelivery>().WithMany().HasForeignKey(a => a.DeliveryId);
        }
    }
}

/// <summary>The table.</summary>
internal static class WebhookAttemptsTable
{
    extension(LazaretDb db)
    {
        public DbSet<WebhookAttempt> WebhookAttempts => db.Set<WebhookAttempt>();
    }
}
