using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Lazaret.Node.Delivery;

/// <summary>
/// When a job that asked for a webhook ends (by an outcome, by a cancellation, or because its workers fell silent too often), its delivery is
/// written in the same transaction. So every end that was committed has a delivery, and nothing else has one.
/// </summary>
internal sealed class WebhookOutbox : SaveChangesInterceptor
{
    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Fill((LazaretDb)eventData.Context!);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Fill((LazaretDb)eventData.Context!);
        return ValueTask.FromResult(result);
    }

    private static void Fill(LazaretDb db)
    {
        var ended = db.ChangeTracker.Entries<Job>()
            .Where(entry => entry.State == EntityState.Modified && entry.Property(job => job.State).IsModified && entry.Entity.IsOver)
            .Select(entry => entry.Entity);
        foreach (var job in ended.ToList())
        {
            if (job.WebhookEndpointId is { } endpoint && !db.WebhookDeliveries.Local.Any(delivery => delivery.JobId == job.Id))
                db.WebhookDeliveries.Add(WebhookDelivery.Of(job.Id, endpoint, WebhookMessage.TypeOf(job.State), job.UpdatedAt));
        }
    }
}
