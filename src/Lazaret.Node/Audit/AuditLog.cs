using Lazaret.Node.Storage;
using Lazaret.Node.Storage.Commits;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit;

/// <summary>
/// Writes entries that stand for themselves, several in a transaction where they come at the same moment. An entry about a change in the database is written in the
/// transaction of that change instead.
/// </summary>
public sealed class AuditLog(IDbContextFactory<LazaretDb> databases, TimeProvider time) : IPendingWrites, IDisposable
{
    private readonly GroupCommit<AuditEntry> _commits = new(entries => SaveAsync(databases, entries));

    /// <summary>Waits until the entry is written. It is written even where the token ends the waiting.</summary>
    public Task WriteAsync(AuditAction action, string actor, AuditDetail detail, CancellationToken cancellationToken, Guid? job = null) =>
        _commits.WriteAsync(AuditEntry.Of(action, time.GetUtcNow(), actor, detail, job)).WaitAsync(cancellationToken);

    Task IPendingWrites.DrainAsync(CancellationToken cancellationToken) => _commits.DrainAsync(cancellationToken);

    public void Dispose() => _commits.Dispose();

    /// <summary>The sequence of the last entry and its time; 0 where there is none.</summary>
    internal async Task<(long Sequence, DateTimeOffset At)> LastAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var last = await db.Audit.AsNoTracking().OrderByDescending(entry => entry.Sequence).Select(entry => new { entry.Sequence, entry.At }).FirstOrDefaultAsync(cancellationToken);
        return last is null ? default : (last.Sequence, last.At);
    }

    /// <summary>The last entry that is older than an instant; null where there is none.</summary>
    internal async Task<AuditEntry?> LastBeforeAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Audit.AsNoTracking().Where(entry => entry.At < instant).OrderByDescending(entry => entry.Sequence).FirstOrDefaultAsync(cancellationToken);
    }

    private static async Task SaveAsync(IDbContextFactory<LazaretDb> databases, IReadOnlyList<AuditEntry> entries)
    {
        await using var db = await databases.CreateDbContextAsync();
        db.Audit.AddRange(entries);
        await db.SaveChangesAsync();
    }
}
