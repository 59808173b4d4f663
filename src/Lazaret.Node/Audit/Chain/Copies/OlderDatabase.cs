using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit.Chain.Copies;

/// <summary>
/// A database that is older than its state folder, such as a copy of the file that was put back, or a server that went back in time. Its jobs since then are
/// gone, and so is what they cost the budgets. A restore by <c>lazaret restore</c> says so in the file of the copies, and is none.
/// </summary>
internal sealed class OlderDatabase(CheckpointCopies copies)
{
    /// <summary>What the database lacks of the last checkpoint that was copied, or why the copies cannot be read, with what to do; null where nothing is wrong.</summary>
    public async Task<string?> FaultAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        AuditCheckpoint? kept;
        try
        {
            kept = await FindMissingAsync(db, cancellationToken);
        }
        catch (Exception e) when (IsOfTheFile(e))
        {
            return e.Message;
        }

        if (kept is null || await IsRestoredSinceAsync(db, kept, cancellationToken))
            return null;
        var last = await db.AuditChain.MaxAsync(one => (long?)one.Number, cancellationToken) ?? 0;
        return $"{copies.File} has a checkpoint of link {kept.Number}, signed at {AtOf(kept):u}, and the database {(last < kept.Number ? $"ends at link {last}" : "has another link there")}: "
            + "it is an older copy, or somebody cut it, and jobs, releases and what they cost since then are gone: put the newest backup in its place (lazaret restore --force FILE), which also says so to the audit";
    }

    /// <summary>Another host of the site may have restored the database: then this host's copies from before are of a database that is gone, and its file says so from now on.</summary>
    public async Task NoteRestoreElsewhereAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        try
        {
            if (await FindMissingAsync(db, cancellationToken) is { } kept && await IsRestoredSinceAsync(db, kept, cancellationToken))
                copies.NoteRestore();
        }
        catch (Exception e) when (IsOfTheFile(e))
        {
            // A file that cannot be used keeps no node from starting. FaultAsync tells of it.
        }
    }

    private static bool IsOfTheFile(Exception e) => e is InputException or MissingException or IOException or UnauthorizedAccessException;

    private async Task<AuditCheckpoint?> FindMissingAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        if (copies.Read().MaxBy(checkpoint => checkpoint.Number) is not { } kept)
            return null;
        var link = await db.AuditChain.AsNoTracking().SingleOrDefaultAsync(link => link.Number == kept.Number, cancellationToken);
        return link is not null && link.Hash.AsSpan().SequenceEqual(kept.Hash) ? null : kept;
    }

    private static async Task<bool> IsRestoredSinceAsync(LazaretDb db, AuditCheckpoint kept, CancellationToken cancellationToken) =>
        await db.Audit.Where(entry => entry.Action == AuditAction.BackupRestored).OrderByDescending(entry => entry.Sequence).Select(entry => (DateTimeOffset?)entry.At).FirstOrDefaultAsync(cancellationToken) >= AtOf(kept);

    private static DateTimeOffset AtOf(AuditCheckpoint kept) => DateTimeOffset.FromUnixTimeMilliseconds(kept.Milliseconds);
}
