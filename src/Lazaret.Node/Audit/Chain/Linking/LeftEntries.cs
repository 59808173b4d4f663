using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit.Chain.Linking;

/// <summary>Entries that a process of this state folder committed on PostgreSQL, and whose link it could not make before it ended.</summary>
internal static class LeftEntries
{
    /// <summary>Their sequences. An entry without this node's proof, or with a copied one, is not among them.</summary>
    public static async Task<IReadOnlyList<long>> FindAsync(LazaretDb db, SigningKey key, long after, CancellationToken cancellationToken)
    {
        var unlinked = await db.ReadEntriesAsync(
            """
            a."Sequence" > @after AND NOT EXISTS (SELECT 1 FROM "AuditChain" c WHERE c."Sequence" = a."Sequence")
            ORDER BY a."Sequence"
            """,
            cancellationToken,
            ("after", after));
        var left = new List<long>();
        foreach (var (sequence, proof) in unlinked.Where(key.HasProven).DistinctBy(entry => Convert.ToHexString(entry.Proof!)).Select(entry => (entry.Sequence, entry.Proof)))
        {
            if (!await db.Audit.AnyAsync(other => other.Proof == proof && other.Sequence != sequence, cancellationToken))
                left.Add(sequence);
        }

        return left;
    }
}
