using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Storage;

/// <summary>The configured database's pooled contexts, under the one type that everybody asks for.</summary>
internal sealed class LazaretDbFactory<TContext>(IDbContextFactory<TContext> pool) : IDbContextFactory<LazaretDb>
    where TContext : LazaretDb
{
    public LazaretDb CreateDbContext() => pool.CreateDbContext();

    public async Task<LazaretDb> CreateDbContextAsync(CancellationToken cancellationToken = default) => await pool.CreateDbContextAsync(cancellationToken);
}
