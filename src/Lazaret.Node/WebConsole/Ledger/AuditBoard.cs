using Lazaret.Node.Audit;
using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>The audit on a page. That somebody read it is an entry of its own, before they see it.</summary>
internal sealed class AuditBoard(IDbContextFactory<LazaretDb> databases, AuditLog audit)
{
    public const int Page = 50;

    public async Task<(IReadOnlyList<AuditEntry> Entries, bool AreMore)> ListAsync(AuditFilter filter, string reader, CancellationToken cancellationToken)
    {
        await audit.WriteAsync(AuditAction.AuditRead, reader, filter.Selection.Describe("page"), cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var entries = filter.Selection.Of(db.Audit.AsNoTracking());
        if (filter.Before is { } before)
            entries = entries.Where(entry => entry.Sequence < before);
        var page = await entries.OrderByDescending(entry => entry.Sequence).Take(Page + 1).ToListAsync(cancellationToken);
        return ([.. page.Take(Page)], page.Count > Page);
    }

    /// <summary>The last signature under the chain; null before the first.</summary>
    public async Task<AuditCheckpoint?> FindCheckpointAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.AuditCheckpoints.AsNoTracking().OrderByDescending(checkpoint => checkpoint.Number).FirstOrDefaultAsync(cancellationToken);
    }
}
