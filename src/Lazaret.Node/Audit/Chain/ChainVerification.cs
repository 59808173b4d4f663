using Lazaret.Node.Audit.Chain.Copies;
using System.Globalization;
using Lazaret.Node.Audit.Chain.Linking;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit.Chain;

/// <summary>Whether the audit is what was written, as far as the database, the checkpoints and this node's key can say.</summary>
internal sealed class ChainVerification(
    IDbContextFactory<LazaretDb> databases, SigningKeyFile keys, CheckpointCopies copies, IKeyVoucher voucher, IEnumerable<IAuditWitness> witnesses)
{
    private const int MostFaults = 20;

    // More than all processes of a site have under way.
    private const int MostUnlinked = 10_000;

    // On PostgreSQL an entry is linked within milliseconds of its commit.
    private const int Looks = 5;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>
    /// <list type="number">
    /// <item>Walk the chain: entries, links, and checkpoints, those of the database and those that were kept elsewhere.</item>
    /// <item>Look for entries that are in no link.</item>
    /// <item>Look for entries with one and the same proof.</item>
    /// <item>Look whether SQLite gave out sequences beyond the last entry.</item>
    /// <item>Ask the tables that refer to entries.</item>
    /// <item>Compare with the links that others have kept.</item>
    /// <item>Look for this node's key among those that the audit knows.</item>
    /// </list>
    /// </summary>
    /// <param name="from">The first link to check, from 1.</param>
    /// <param name="given">The copies of checkpoints to compare with; null for those in this state folder.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="links">What others have kept of the chain, such as receipts.</param>
    /// <exception cref="InputException">There is no such link.</exception>
    public async Task<ChainReport> RunAsync(long from, IReadOnlyList<AuditCheckpoint>? given, CancellationToken cancellationToken, params IEnumerable<KeptLink> links)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var faults = new List<ChainFault>();
        var own = keys.Find();
        var kept = (given ?? copies.Read()).Where(checkpoint => checkpoint.Number >= from - 1).ToList();
        var known = await ChainStart.ReadKeysAsync(db, voucher, cancellationToken);

        // 1. Walk the chain.
        var walk = new ChainWalk(known, own, own is not null && await IsAddedBeforeAsync(db, own, from, cancellationToken), kept, Add);
        await using (var beside = await databases.CreateDbContextAsync(cancellationToken))
        {
            var signed = beside.AuditCheckpoints.AsNoTracking().Where(checkpoint => checkpoint.Number >= from - 1).OrderBy(checkpoint => checkpoint.Number);
            await walk.RunAsync(db, from, signed.AsAsyncEnumerable(), cancellationToken);
        }

        if (walk.Last < from - 1)
        {
            if (from > 1)
                throw new InputException($"--from {from}: the chain ends before that link");
            Add(new ChainFault(ChainFault.Deleted, "the chain lacks its link 0") { Link = 0 });
        }

        foreach (var gone in await FindRemovedAsync(db, kept.Where(checkpoint => checkpoint.Number <= walk.Last), cancellationToken))
            Add(new ChainFault(ChainFault.Checkpoint, $"the checkpoint of link {gone} is not in the database, and a copy of it was kept: somebody removed it") { Link = gone });
        var stamp = FindStamp(kept, Add);

        // 2. Look for entries that are in no link.
        foreach (var fault in await FindUnlinkedAsync(db, own, cancellationToken))
            Add(fault);

        // 3. Look for entries with one and the same proof.
        foreach (var (first, copy) in await FindCopiesAsync(db, cancellationToken))
            Add(new ChainFault(ChainFault.Inserted, $"entry {copy} has the proof of entry {first}: somebody copied it, and made a link for it") { Entry = copy });

        // 4. Look beyond the last entry.
        if (db is SqliteLazaretDb && await FindLostAsync(db, cancellationToken) is var (last, largest) && largest > last)
            Add(new ChainFault(ChainFault.Cut, $"entry {last + 1} is missing: the database gave out sequences up to {largest}, and the last entry is {last}") { Entry = last + 1 });

        // 5. Ask the tables that refer to entries.
        foreach (var witness in witnesses)
        {
            foreach (var fault in await witness.FindAsync(db, MostFaults, cancellationToken))
                Add(fault);
        }

        // 6. Compare with the links that others have kept.
        foreach (var link in links)
        {
            if (await FindDifferenceAsync(db, link, walk.Last, cancellationToken) is { } fault)
                Add(fault);
        }

        // 7. Look for this node's key.
        if (own is not null && walk.Checkpoints > 0 && !known.Contains(own.Name))
            Add(new ChainFault(ChainFault.Key, $"the audit does not know this node's key {own.Name[..16]}… ({keys.Path}): the chain or the key belongs to another node"));
        return new ChainReport
        {
            From = from,
            Links = walk.Links,
            Last = walk.Last,
            Hash = Convert.ToHexStringLower(walk.Hash),
            Checkpoints = walk.Checkpoints,
            SignedTo = walk.SignedTo,
            Stamp = stamp,
            Keys = known,
            WrittenElsewhere = walk.WrittenElsewhere,
            Faults = faults,
        };

        void Add(ChainFault fault)
        {
            // Of a checkpoint there may be several copies.
            if (faults.Count < MostFaults && !faults.Exists(earlier => earlier.Why == fault.Why))
                faults.Add(fault);
        }
    }

    /// <summary>Whether an entry before this link tells of the key.</summary>
    private static async Task<bool> IsAddedBeforeAsync(LazaretDb db, SigningKey key, long from, CancellationToken cancellationToken)
    {
        var links = db.AuditChain.Where(link => link.Number > 0 && link.Number < from);
        var details = await db.Audit.Where(entry => entry.Action == AuditAction.CheckpointKeyAdded && links.Any(link => link.Sequence == entry.Sequence)).Select(entry => entry.Detail).ToListAsync(cancellationToken);
        return details.Exists(detail => ChainStart.KeyIn(detail) == key.Name);
    }

    private static async Task<ChainFault?> FindDifferenceAsync(LazaretDb db, KeptLink kept, long last, CancellationToken cancellationToken)
    {
        var link = await db.AuditChain.AsNoTracking().SingleOrDefaultAsync(one => one.Number == kept.Number, cancellationToken);
        var (kind, why) = link is null ? (kept.Number > last ? ChainFault.Cut : ChainFault.Deleted, "is missing")
            : link.Sequence != kept.Sequence || Convert.ToHexStringLower(link.Hash) != kept.Hash ? (ChainFault.Changed, "is another: the audit was made anew, up to there at least")
            : ("", "");
        return kind.Length == 0 ? null : new ChainFault(kind, $"link {kept.Number} (entry {kept.Sequence}), which {kept.Where} has, {why}") { Link = kept.Number, Entry = kept.Sequence };
    }

    /// <summary>Which of these checkpoints the database lacks.</summary>
    private static async Task<IEnumerable<long>> FindRemovedAsync(LazaretDb db, IEnumerable<AuditCheckpoint> kept, CancellationToken cancellationToken)
    {
        var there = await db.AuditCheckpoints.AsNoTracking().Select(checkpoint => checkpoint.Number).ToHashSetAsync(cancellationToken);
        return kept.Select(checkpoint => checkpoint.Number).Distinct().Where(number => !there.Contains(number));
    }

    /// <summary>The last good stamp.</summary>
    private static ChainStamp? FindStamp(IEnumerable<AuditCheckpoint> kept, Action<ChainFault> add)
    {
        ChainStamp? last = null;
        foreach (var checkpoint in kept.Where(checkpoint => checkpoint.Stamp is not null))
        {
            if (TimestampAuthority.Read(checkpoint.Stamp!, checkpoint) is var (at, by))
                last = new ChainStamp(checkpoint.Number, at, by);
            else
                add(new ChainFault(ChainFault.Checkpoint, $"the time stamp on the checkpoint of link {checkpoint.Number} is not of that checkpoint") { Link = checkpoint.Number });
        }

        return last;
    }

    /// <summary>
    /// Entries that have no link and do not get one. While nodes write, some entry is always about to be linked, so each candidate is checked again for a while.
    /// Link 0 stands for no entry.
    /// </summary>
    private static async Task<IEnumerable<ChainFault>> FindUnlinkedAsync(LazaretDb db, SigningKey? own, CancellationToken cancellationToken)
    {
        var links = db.AuditChain.AsNoTracking();
        var unlinked = db.Audit.AsNoTracking().Where(entry => !links.Any(link => link.Number > 0 && link.Sequence == entry.Sequence)).Select(entry => entry.Sequence).Order();
        var entries = await unlinked.Take(MostUnlinked).ToListAsync(cancellationToken);
        IReadOnlyList<long> left = [];
        if (db is not SqliteLazaretDb)
        {
            for (var look = 1; look < Looks && entries.Count > 0; look++)
            {
                await Task.Delay(BetweenLooks, cancellationToken);
                entries = await AgainAsync(entries);
            }

            if (entries.Count > 0 && own is not null)
            {
                left = await LeftEntries.FindAsync(db, own, entries[0] - 1, cancellationToken);
                entries = await AgainAsync(entries);
            }
        }

        return entries.Take(MostFaults).Select(entry => left.Contains(entry)
            ? new ChainFault(ChainFault.Unlinked, $"entry {entry} is this node's and is in no link: its process ended before it made one, or somebody removed the link; a node that runs makes it within 15 seconds") { Entry = entry }
            : new ChainFault(ChainFault.Inserted, $"entry {entry} is in no link: somebody inserted it, or removed its link") { Entry = entry });

        Task<List<long>> AgainAsync(List<long> earlier) => unlinked.Where(sequence => earlier.Contains(sequence)).ToListAsync(cancellationToken);
    }

    // The node makes each proof with random bytes of its own. After the last checkpoint nothing else tells a copy from an entry.
    private static async Task<List<(long First, long Copy)>> FindCopiesAsync(LazaretDb db, CancellationToken cancellationToken) =>
    [
        .. (await db.Audit.AsNoTracking().Where(entry => entry.Proof != null)
                .Join(db.AuditChain, entry => entry.Sequence, link => link.Sequence, (entry, _) => new { entry.Proof, entry.Sequence })
                .GroupBy(entry => entry.Proof).Where(same => same.Count() > 1)
                .Select(same => new { First = same.Min(entry => entry.Sequence), Copy = same.Max(entry => entry.Sequence) })
                .OrderBy(pair => pair.Copy).Take(MostFaults).ToListAsync(cancellationToken))
            .Select(pair => (pair.First, pair.Copy)),
    ];

    // SQLite's AUTOINCREMENT keeps the largest number that it gave to a row of the table, and a transaction that is rolled back gives its numbers back.
    private static async Task<(long Last, long Given)> FindLostAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        await using var command = await db.CommandAsync(
            "SELECT COALESCE((SELECT MAX(Sequence) FROM Audit), 0), COALESCE((SELECT MAX(seq) FROM sqlite_sequence WHERE name = 'Audit'), 0)", cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (Convert.ToInt64(reader.GetValue(0), CultureInfo.InvariantCulture), Convert.ToInt64(reader.GetValue(1), CultureInfo.InvariantCulture));
    }
}
