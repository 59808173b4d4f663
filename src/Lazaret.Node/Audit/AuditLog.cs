using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit;

/// <summary>Writes entries in a transaction of their own. An entry about a change in the database is written in the transaction of that change instead.</summary>
public sealed class AuditLog(IDbContextFactory<LazaretDb> databases, TimeProvider time)
{
    public async Task WriteAsync(AuditAction action, string actor, AuditDetail detail, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Audit.Add(AuditEntry.Of(action, time.GetUtcNow(), actor, detail));
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The sequence of the last entry; 0 where there is none.</summary>
    internal async Task<long> LastAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Audit.MaxAsync(entry => (long?)entry.Sequence, cancellationToken) ?? 0;
    }
}
