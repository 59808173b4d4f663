using Lazaret.Node.Audit;
using Lazaret.Node.Delivery.Sending;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Delivery;

/// <summary>The outbox as the deliverers see it: a delivery that is due is claimed by one of them, tried, and put back or ended.</summary>
internal sealed class DeliveryQueue(IDbContextFactory<LazaretDb> databases, WebhookOptions options, TimeProvider time)
{
    /// <summary>
    /// Takes the delivery that is due longest, for one attempt; null when there is none. A deliverer that dies gives it up when its
    /// lease is over.
    /// </summary>
    /// <param name="busy">Endpoints that have their share of the deliverer already.</param>
    public async Task<WebhookDelivery?> ClaimAsync(IReadOnlyCollection<Guid> busy, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var due = db.WebhookDeliveries.Where(delivery => delivery.State == DeliveryState.Pending && delivery.DueAt <= now && !busy.Contains(delivery.EndpointId));
        if (!await due.AnyAsync(cancellationToken))
            return null;

        // No other deliverer comes between the look and the claim: on SQLite this transaction is immediate, on PostgreSQL the row is locked.
        await using var writing = await db.BeginWritingAsync(cancellationToken);
        var delivery = await due.OrderBy(delivery => delivery.DueAt).ForUpdateSkipLocked().FirstOrDefaultAsync(cancellationToken);
        delivery?.Claim(now, options.Lease);
        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
        return delivery;
    }

    /// <summary>
    /// Ends the attempt: log, state, what a 410 does to the endpoint, and audit, in one transaction; false when the delivery went to
    /// another deliverer meanwhile, and then nothing is written.
    /// </summary>
    public async Task<bool> ConcludeAsync(WebhookDelivery claimed, AttemptOutcome outcome, DateTimeOffset began, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var delivery = await db.WebhookDeliveries.SingleOrDefaultAsync(d => d.Id == claimed.Id, cancellationToken);
        if (delivery is null || delivery.Version != claimed.Version)
            return false;
        delivery.Conclude(outcome, now);
        db.WebhookAttempts.Add(new WebhookAttempt
        {
            DeliveryId = delivery.Id,
            Attempt = delivery.Attempts,
            At = began,
            Ending = outcome.Ending,
            Status = outcome.Status,
            Milliseconds = (long)(now - began).TotalMilliseconds,
        });
        var endpoint = await db.WebhookEndpoints.SingleAsync(e => e.Id == delivery.EndpointId, cancellationToken);
        if (outcome is AttemptOutcome.Gone && endpoint.DisabledAt is null)
        {
            endpoint.Disable(now);
            db.Audit.Add(AuditEntry.Of(AuditAction.WebhookEndpointDisabled, now, AuditEntry.Node, new() { ["endpoint"] = endpoint.Id, ["host"] = endpoint.Host }));
        }

        if (delivery.State != DeliveryState.Pending)
        {
            var action = delivery.State == DeliveryState.Delivered ? AuditAction.WebhookDelivered : AuditAction.WebhookGivenUp;
            db.Audit.Add(AuditEntry.Of(action, now, AuditEntry.Node, new()
            {
                ["delivery"] = delivery.Id,
                ["type"] = delivery.Type,
                ["host"] = endpoint.Host,
                ["attempts"] = delivery.Attempts,
                ["end"] = outcome.Ending,
            }, delivery.JobId));
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }
    }

    /// <summary>Makes a delivery due now, whatever became of it; null when there is none.</summary>
    public async Task<Redelivery?> RedeliverAsync(Guid id, string actor, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            if (await db.WebhookDeliveries.SingleOrDefaultAsync(d => d.Id == id, cancellationToken) is not { } delivery)
                return null;
            var endpoint = await db.WebhookEndpoints.SingleAsync(e => e.Id == delivery.EndpointId, cancellationToken);
            if (endpoint.DisabledAt is not null)
                return new Redelivery.Disabled(endpoint.Id);
            var now = time.GetUtcNow();
            delivery.Redeliver(now);
            db.Audit.Add(AuditEntry.Of(AuditAction.WebhookRedelivered, now, actor, new() { ["delivery"] = id, ["host"] = endpoint.Host }, delivery.JobId));
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                return new Redelivery.Due();
            }
            catch (DbUpdateConcurrencyException)
            {
                // An attempt ended just now: look again.
            }
        }
    }
}
