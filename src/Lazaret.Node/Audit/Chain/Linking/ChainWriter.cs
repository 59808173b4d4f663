using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit.Chain.Linking;

/// <summary>Adds links to the chain's end, in a transaction in which nobody else adds any.</summary>
internal static class ChainWriter
{
    private const int Chunk = 5000;

    /// <summary>Links these entries, those of them that are not linked already, in the order of their sequence.</summary>
    public static async Task LinkAsync(LazaretDb db, IReadOnlyCollection<long> sequences, CancellationToken cancellationToken)
    {
        var last = await LinkEarlierAsync(db, cancellationToken);
        var entries = db is SqliteLazaretDb
            // This transaction wrote them, and SQLite lets no other one write meanwhile: none is linked already, and none is missing between them.
            ? await db.ReadEntriesAsync("a.Sequence BETWEEN $first AND $last ORDER BY a.Sequence", cancellationToken, ("$first", sequences.Min()), ("$last", sequences.Max()))
            : await db.ReadEntriesAsync(
                """a."Sequence" = ANY(@sequences) AND NOT EXISTS (SELECT 1 FROM "AuditChain" c WHERE c."Sequence" = a."Sequence") ORDER BY a."Sequence" """,
                cancellationToken,
                ("sequences", sequences.ToArray()));
        await AppendAsync(db, last, entries.Where(entry => sequences.Contains(entry.Sequence)), cancellationToken);
    }

    /// <summary>Links what an earlier version of Lazaret wrote, before anything else is linked. Returns the last link.</summary>
    public static async Task<AuditLink> LinkEarlierAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var last = await db.AuditChain.AsNoTracking().OrderByDescending(link => link.Number).FirstOrDefaultAsync(cancellationToken)
            ?? throw new InvalidDataException("the audit's chain lacks its link 0: 'lazaret audit verify' says more");
        var (after, end) = (0L, last.Number == 0 ? -last.Sequence : 0);
        while (after < end)
        {
            var entries = await db.ReadEntriesAsync(
                $"""a."Sequence" > @after AND a."Sequence" <= @end ORDER BY a."Sequence" LIMIT {Chunk}""", cancellationToken, ("@after", after), ("@end", end));
            if (entries.Count == 0)
                break;
            last = await AppendAsync(db, last, entries, cancellationToken);
            after = entries[^1].Sequence;
        }

        return last;
    }

    private static async Task<AuditLink> AppendAsync(LazaretDb db, AuditLink last, IEnumerable<StoredEntry> entries, CancellationToken cancellationToken)
    {
        var links = new List<AuditLink>();
        foreach (var entry in entries)
        {
            var (number, previous) = (last.Number + 1, last.Number == 0 ? LinkHash.Beginning(last.Sequence) : last.Hash);
            last = new AuditLink { Number = number, Sequence = entry.Sequence, Previous = previous, Hash = LinkHash.Of(number, previous, entry) };
            links.Add(last);
        }

        if (links.Count > 0)
            await db.WriteLinksAsync(links, cancellationToken);
        return last;
    }
}
