using Lazaret.Node.Audit.Chain.Copies;
using Lazaret.Node.Audit.Chain.Linking;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit.Chain;

/// <summary>What is done for the chain before a node works.</summary>
internal sealed class ChainStart(
    IDbContextFactory<LazaretDb> databases, SigningKeyFile keys, ChainSequencer sequencer, Checkpoints checkpoints, AuditLog audit, IKeyVoucher voucher, OlderDatabase older)
{
    /// <summary>
    /// <list type="number">
    /// <item>Link what an earlier version wrote.</item>
    /// <item>Note a restore that another host made.</item>
    /// <item>Take up the signing key, or make the first one.</item>
    /// <item>Link what processes of this state folder left when they were killed.</item>
    /// <item>Write the key's name into the audit with a voucher, unless it is there.</item>
    /// <item>Sign a checkpoint.</item>
    /// </list>
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // 1. Link what an earlier version wrote.
        await LinkEarlierAsync(cancellationToken);

        // 2. Note a restore that another host made.
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
            await older.NoteRestoreElsewhereAsync(db, cancellationToken);

        // 3. Take up the signing key.
        var key = await keys.FindOrMakeAsync(cancellationToken);

        // 4. Link what was left.
        await sequencer.SweepAsync(after: 0, cancellationToken);

        // 5. Write the key's name into the audit.
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            if (!(await ReadKeysAsync(db, voucher, cancellationToken)).Contains(key.Name))
                await audit.WriteAsync(AuditAction.CheckpointKeyAdded, AuditEntry.Node, new() { ["key"] = key.Name, ["voucher"] = voucher.Vouch(key.Name) }, cancellationToken);
        }

        // 6. Sign a checkpoint.
        await checkpoints.SignAsync(now: true, cancellationToken);
    }

    public async Task LinkEarlierAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (!await db.Audit.AnyAsync(cancellationToken) || await db.AuditChain.AnyAsync(link => link.Number > 0, cancellationToken))
            return;
        await using var writing = await db.BeginAloneAsync(ChainSequencer.AdvisoryLock, cancellationToken);
        await ChainWriter.LinkEarlierAsync(db, cancellationToken);
        await writing.CommitAsync(cancellationToken);
    }

    /// <summary>Which key an entry tells of.</summary>
    public static string? KeyIn(string detail) => AuditDetail.Read(detail, "key");

    /// <summary>The names of the keys that checkpoints are signed under, as the audit says and the key ring vouches, in the order in which they came.</summary>
    public static async Task<List<string>> ReadKeysAsync(LazaretDb db, IKeyVoucher voucher, CancellationToken cancellationToken)
    {
        var details = await db.Audit.Where(entry => entry.Action == AuditAction.CheckpointKeyAdded).OrderBy(entry => entry.Sequence)
            .Select(entry => entry.Detail).ToListAsync(cancellationToken);
        return
        [
            .. details.Select(detail => (Key: KeyIn(detail), Voucher: AuditDetail.Read(detail, "voucher")))
                .Where(named => named is { Key: not null, Voucher: not null } && voucher.IsVouched(named.Key, named.Voucher))
                .Select(named => named.Key!).Distinct(StringComparer.Ordinal),
        ];
    }
}
