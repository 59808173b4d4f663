using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit.Chain;

/// <summary>Signs the chain's end.</summary>
internal sealed class Checkpoints(IDbContextFactory<LazaretDb> databases, SigningKeyFile keys, CheckpointCopies copies, AuditOptions options, TimeProvider time)
{
    // The number of the PostgreSQL advisory lock: "check" in ASCII.
    private const long AdvisoryLock = 0x636865636b;

    /// <summary>Signs a checkpoint when there are new links, and as many or as old as the configuration says; with <paramref name="now"/>, whenever there are new ones. Null when nothing was signed.</summary>
    public async Task<AuditCheckpoint?> SignAsync(bool now, CancellationToken cancellationToken)
    {
        if (keys.Find() is not { } key)
            return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await FindDueAsync(db, now, cancellationToken) is null)
            return null;

        // Another process may have signed meanwhile: look again, alone.
        await using var writing = await db.BeginAloneAsync(AdvisoryLock, cancellationToken);
        if (await FindDueAsync(db, now, cancellationToken) is not { } last)
            return null;
        var checkpoint = AuditCheckpoint.Of(last, time.GetUtcNow(), key);
        db.AuditCheckpoints.Add(checkpoint);
        await db.SaveChangesAsync(cancellationToken);
        await writing.CommitAsync(cancellationToken);
        copies.Add(checkpoint);
        return checkpoint;
    }

    private async Task<AuditLink?> FindDueAsync(LazaretDb db, bool now, CancellationToken cancellationToken)
    {
        var last = await db.AuditChain.AsNoTracking().OrderByDescending(link => link.Number).FirstOrDefaultAsync(cancellationToken);
        if (last is not { Number: > 0 })
            return null;
        var signed = await db.AuditCheckpoints.AsNoTracking().OrderByDescending(checkpoint => checkpoint.Number)
            .Select(checkpoint => new { checkpoint.Number, checkpoint.Milliseconds }).FirstOrDefaultAsync(cancellationToken);
        var fresh = last.Number - (signed?.Number ?? 0);
        var isDue = now || signed is null || fresh >= options.CheckpointEntries
            || time.GetUtcNow().ToUnixTimeMilliseconds() - signed.Milliseconds >= options.CheckpointSeconds * 1000L;
        return fresh > 0 && isDue ? last : null;
    }
}
