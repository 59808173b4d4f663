using System.Diagnostics;
using System.Diagnostics.Metrics;
using Lazaret.Node.Backups;
using Lazaret.Node.Delivery;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Health.Gauges;

/// <summary>What the database says of jobs, webhooks and backups. Each query reads a part of an index that is as long as what waits, never what is over.</summary>
internal sealed class DatabaseGauges(IDbContextFactory<LazaretDb> databases, DiskReturn disk, GaugeBoard board, TimeProvider time)
{
    private static readonly JobState[] Open = [JobState.Queued, JobState.Running, JobState.Held];

    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        var began = Stopwatch.GetTimestamp();
        await db.Database.ExecuteSqlAsync($"SELECT 1", cancellationToken);
        board.Set(GaugeNames.DatabaseLatency, Stopwatch.GetElapsedTime(began).TotalSeconds);
        board.Set(GaugeNames.DatabaseSize, await disk.SizeAsync(cancellationToken));
        await disk.BoundLogAsync(cancellationToken);
        await MeasureJobsAsync(db, cancellationToken);
        await MeasureWebhooksAsync(db, cancellationToken);
        var last = await LastBackup.ReadAsync(db, cancellationToken);
        board.Set(GaugeNames.BackupAge, last is { } at ? (time.GetUtcNow() - at).TotalSeconds : double.PositiveInfinity);
        board.Set(GaugeNames.DatabaseUp, 1);
    }

    private async Task MeasureJobsAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var lines = await db.Jobs.Where(job => Open.Contains(job.State)).GroupBy(job => new { job.State, job.Kind })
            .Select(group => new { group.Key.State, group.Key.Kind, Count = group.Count(), Oldest = group.Min(job => job.CreatedAt) })
            .ToListAsync(cancellationToken);
        board.Set(GaugeNames.Depth, [.. from state in Open
            from kind in Enum.GetValues<JobKind>()
            select Of(lines.Find(line => line.State == state && line.Kind == kind)?.Count ?? 0, ("state", state.ToString()), ("kind", kind.ToString()))]);
        board.Set(GaugeNames.OldestQueued, [.. Enum.GetValues<JobKind>().Select(kind => Of(
            lines.Find(line => line.State == JobState.Queued && line.Kind == kind) is { } waiting ? Math.Max(0, (now - waiting.Oldest).TotalSeconds) : 0, ("kind", kind.ToString())))]);
        board.Set(GaugeNames.Silent, await db.Jobs.CountAsync(job => job.State == JobState.Running && job.LeaseExpiresAt < now, cancellationToken));
    }

    private async Task MeasureWebhooksAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var pending = db.WebhookDeliveries.Where(delivery => delivery.State == DeliveryState.Pending);
        board.Set(GaugeNames.Webhooks, await pending.CountAsync(cancellationToken));
        var oldest = await pending.OrderBy(delivery => delivery.DueAt).Select(delivery => (DateTimeOffset?)delivery.DueAt).FirstOrDefaultAsync(cancellationToken);
        board.Set(GaugeNames.OldestWebhook, oldest is { } due ? Math.Max(0, (time.GetUtcNow() - due).TotalSeconds) : 0);
    }

    private static Measurement<double> Of(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var tags = new KeyValuePair<string, object?>[labels.Length];
        for (var i = 0; i < tags.Length; i++)
            tags[i] = new(labels[i].Name, labels[i].Value);
        return new Measurement<double>(value, tags);
    }
}
