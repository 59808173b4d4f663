using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Delivery;

/// <summary>What was delivered, or not, and what became of each attempt: for the operator.</summary>
internal sealed class DeliveryLog(IDbContextFactory<LazaretDb> databases)
{
    /// <summary>The latest deliveries, the newest first.</summary>
    /// <param name="state">Of this state alone, unless null.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<IReadOnlyList<LoggedDelivery>> ListAsync(DeliveryState? state, int most, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var deliveries = db.WebhookDeliveries.AsNoTracking().Where(delivery => state == null || delivery.State == state).OrderByDescending(delivery => delivery.CreatedAt).Take(most);
        return await WithLog(db, deliveries).ToListAsync(cancellationToken);
    }

    public async Task<LoggedDelivery?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await WithLog(db, db.WebhookDeliveries.AsNoTracking().Where(delivery => delivery.Id == id)).SingleOrDefaultAsync(cancellationToken);
    }

    private static IQueryable<LoggedDelivery> WithLog(LazaretDb db, IQueryable<WebhookDelivery> deliveries) => deliveries.Select(delivery => new LoggedDelivery(
        delivery,
        db.Set<WebhookEndpoint>().Single(endpoint => endpoint.Id == delivery.EndpointId).Host,
        db.Set<WebhookAttempt>().Where(attempt => attempt.DeliveryId == delivery.Id).OrderBy(attempt => attempt.Attempt).ToList()));
}

/// <summary>A delivery with its attempts, the oldest first.</summary>
internal sealed record LoggedDelivery(WebhookDelivery Delivery, string Host, IReadOnlyList<WebhookAttempt> Attempts);
