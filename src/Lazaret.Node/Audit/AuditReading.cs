using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit;

/// <summary>Reads entries that somebody who changed the database may have left so that they cannot be read: the others are read all the same.</summary>
internal static class AuditReading
{
    /// <returns>In the page's order, with null for an entry that cannot be read.</returns>
    public static async Task<IReadOnlyList<(long Sequence, AuditEntry? Entry)>> ReadAsync(IQueryable<AuditEntry> page, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await page.ToListAsync(cancellationToken)).Select(entry => (entry.Sequence, (AuditEntry?)entry))];
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            // One by one, to find which it is.
            var found = new List<(long, AuditEntry?)>();
            foreach (var sequence in await page.Select(entry => entry.Sequence).ToListAsync(cancellationToken))
                found.Add((sequence, await TryReadAsync(page.Where(entry => entry.Sequence == sequence), cancellationToken)));
            return found;
        }
    }

    private static async Task<AuditEntry?> TryReadAsync(IQueryable<AuditEntry> one, CancellationToken cancellationToken)
    {
        try
        {
            return await one.SingleAsync(cancellationToken);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return null;
        }
    }

    private static bool IsUnreadable(Exception e) => e is InvalidOperationException or FormatException or InvalidCastException;
}
