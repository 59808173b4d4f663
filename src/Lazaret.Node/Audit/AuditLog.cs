using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Audit;

/// <summary>Writes the entries that accompany no other change; the others go into the transaction of what they record.</summary>
public sealed class AuditLog(IDbContextFactory<LazaretDb> databases, TimeProvider time)
{
    public async Task WriteAsync(AuditAction action, string actor, AuditDetail detail, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Audit.Add(AuditEntry.Of(action, time.GetUtcNow(), actor, detail));
        await db.SaveChangesAsync(cancellationToken);
    }
}
