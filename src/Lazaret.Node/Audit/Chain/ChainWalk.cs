using System.Globalization;
using System.Text;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Audit.Chain;

/// <summary>Walks the links in their order, and compares each with its entry, the link before it, and the checkpoints that sign it.</summary>
/// <param name="keys">Those that the audit knows.</param>
/// <param name="own">This node's; null where it has none.</param>
/// <param name="ownIsAdded">Whether the audit knew it before the first link that is checked: from then on each entry has its proof.</param>
/// <param name="kept">Checkpoints that were kept outside the database.</param>
/// <param name="found">Takes the faults.</param>
internal sealed class ChainWalk(IReadOnlyList<string> keys, SigningKey? own, bool ownIsAdded, IReadOnlyList<AuditCheckpoint> kept, Action<ChainFault> found)
{
    private readonly ILookup<long, AuditCheckpoint> _kept = kept.ToLookup(checkpoint => checkpoint.Number);

    // After a gap, what a link says of the one before cannot be checked.
    private bool _gap;
    private bool _ownIsAdded = ownIsAdded;

    public long Last { get; private set; }

    public byte[] Hash { get; private set; } = [];

    public long Links { get; private set; }

    public int Checkpoints { get; private set; }

    public long SignedTo { get; private set; }

    public long WrittenElsewhere { get; private set; }

    /// <param name="from">The first link to check. The one before it is taken for good, unless a checkpoint contradicts it.</param>
    /// <param name="checkpoints">The database's, from the link before on.</param>
    public async Task RunAsync(LazaretDb db, long from, IAsyncEnumerable<AuditCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        // The first checkpoint is read before the first link: what is added meanwhile is then a link without a checkpoint, not the contrary.
        await using var signed = checkpoints.GetAsyncEnumerator(cancellationToken);
        var more = await signed.MoveNextAsync();
        await using var command = await db.CommandAsync(
            $"""
            SELECT c."Number", c."Sequence", c."Previous", c."Hash", {StoredEntry.ColumnsOf(db)}
            FROM "AuditChain" c LEFT JOIN "Audit" a ON a."Sequence" = c."Sequence" WHERE c."Number" >= @from ORDER BY c."Number"
            """,
            cancellationToken,
            ("@from", from - 1));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        Last = from - 2;
        long sequence = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            var link = new AuditLink { Number = reader.GetInt64(0), Sequence = reader.GetInt64(1), Previous = reader.GetValue(2) as byte[] ?? [], Hash = reader.GetValue(3) as byte[] ?? [] };
            Skip(link, sequence);
            if (link.Number < from)
                Begin(link);
            else
                Check(link, StoredEntry.Read(reader, 4));
            (Last, sequence) = (link.Number, link.Sequence);
            for (; more && signed.Current.Number <= link.Number; more = await signed.MoveNextAsync())
                Check(signed.Current, signed.Current.Number == link.Number ? link : null, "in the database");
            foreach (var copy in _kept[link.Number])
                Check(copy, link, "that was kept");
        }

        for (; more; more = await signed.MoveNextAsync())
            Check(signed.Current, null, "in the database");
        foreach (var copy in kept.Where(copy => copy.Number > Last).OrderBy(copy => copy.Number))
            Check(copy, null, "that was kept");
    }

    private static bool Same(byte[] one, byte[] other) => one.AsSpan().SequenceEqual(other);

    private void Begin(AuditLink link)
    {
        if (link.Number == 0 && (!Same(link.Previous, new byte[LinkHash.Length]) || !Same(link.Hash, new byte[LinkHash.Length])))
            found(new ChainFault(ChainFault.Changed, "link 0 was changed") { Link = 0 });
        Hash = link.Number == 0 ? LinkHash.Beginning(link.Sequence) : link.Hash;
    }

    private void Skip(AuditLink link, long sequence)
    {
        var missing = link.Number - Last - 1;
        if (missing <= 0)
            return;
        _gap = true;
        // Where the sequences around the gap leave room for just these entries, they are the ones.
        long? entry = link.Sequence - sequence - 1 == missing ? sequence + 1 : null;
        found(new ChainFault(ChainFault.Deleted, $"{(missing == 1 ? $"link {Last + 1} is" : $"links {Last + 1} to {link.Number - 1} are")} missing{(entry is { } named ? $", from entry {named} on" : "")}")
        {
            Link = Last + 1,
            Entry = entry,
        });
    }

    private void Check(AuditLink link, StoredEntry? entry)
    {
        Links++;
        var follows = _gap || Same(link.Previous, Hash);
        _gap = false;
        if (!follows)
            found(new ChainFault(ChainFault.Broken, $"link {link.Number} (entry {link.Sequence}) does not follow the link before it: one of the two was changed or put there") { Link = link.Number, Entry = link.Sequence });
        else if (entry is null)
            found(new ChainFault(ChainFault.Deleted, $"entry {link.Sequence} (link {link.Number}) is missing, or holds values of other types") { Link = link.Number, Entry = link.Sequence });
        else if (!Same(link.Hash, LinkHash.Of(link.Number, link.Previous, entry)))
            found(new ChainFault(ChainFault.Changed, $"entry {link.Sequence} (link {link.Number}) is not what was linked: it or its link was changed") { Link = link.Number, Entry = link.Sequence });
        else
            CheckProof(link, entry);
        Hash = link.Hash;
    }

    // Whoever may write to the database can compute hashes. Proofs need the key in the state folder.
    private void CheckProof(AuditLink link, StoredEntry entry)
    {
        if (own is null)
            return;
        _ownIsAdded = _ownIsAdded || (Encoding.UTF8.GetString(entry.Action) == nameof(AuditAction.CheckpointKeyAdded) && ChainStart.KeyIn(Encoding.UTF8.GetString(entry.Detail)) == own.Name);
        if (!_ownIsAdded || own.HasProven(entry))
            return;
        WrittenElsewhere++;
        if (keys.Count == 1)
            found(new ChainFault(ChainFault.Inserted, $"entry {link.Sequence} (link {link.Number}) was not written by a process with this node's key, and the audit knows no other key") { Link = link.Number, Entry = link.Sequence });
    }

    private void Check(AuditCheckpoint checkpoint, AuditLink? link, string where)
    {
        Checkpoints++;
        var name = CheckpointText.NameOf(checkpoint.PublicKey);
        var signed = $"the checkpoint {where} over link {checkpoint.Number}, signed {At(checkpoint)} under key {name[..16]}…";
        if (!checkpoint.IsSigned())
            found(new ChainFault(ChainFault.Checkpoint, $"{signed}, has a signature that is not its key's") { Link = checkpoint.Number });
        else if (!keys.Contains(name))
            found(new ChainFault(ChainFault.Key, $"{signed}: nobody who has the key ring has vouched for this key in the audit") { Link = checkpoint.Number });
        else if (link is null)
            found(new ChainFault(checkpoint.Number > Last ? ChainFault.Cut : ChainFault.Deleted, $"{signed}: the chain {(checkpoint.Number > Last ? $"ends at link {Last}" : "lacks that link")}") { Link = checkpoint.Number > Last ? Last + 1 : checkpoint.Number });
        else if (!Same(checkpoint.Hash, link.Hash))
            found(new ChainFault(ChainFault.Checkpoint, $"{signed}, says another hash than link {link.Number} (entry {link.Sequence}) has") { Link = link.Number, Entry = link.Sequence });
        else
            SignedTo = Math.Max(SignedTo, link.Number);
    }

    private static string At(AuditCheckpoint checkpoint)
    {
        const long Latest = 253_402_300_799_999;
        return checkpoint.Milliseconds is >= 0 and <= Latest
            ? DateTimeOffset.FromUnixTimeMilliseconds(checkpoint.Milliseconds).ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : "at no time";
    }
}
