using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Lazaret.Node.Storage;

/// <summary>The database in an SQLite file. It has a type of its own because EF Core keeps a set of migrations for each type.</summary>
internal sealed class SqliteLazaretDb(DbContextOptions<SqliteLazaretDb> options) : LazaretDb(options)
{
    // SQLite has one writer at a time, and its client waits for its turn by sleeping 150 ms. Within a process, SaveChangesAsync and BeginWritingAsync wait for a semaphore instead.
    private static readonly SemaphoreSlim Writers = new(1);

    /// <summary>The file, wherever the connection string puts it.</summary>
    public string File => Path.GetFullPath(new SqliteConnectionStringBuilder(Database.GetConnectionString()).DataSource);

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        if (Database.CurrentTransaction is not null)
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        // A transaction of our own instead of EF Core's: interceptors write in it what belongs to these changes.
        await using var writing = await BeginWritingAsync(cancellationToken);
        var written = await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        await writing.CommitAsync(cancellationToken);
        return written;
    }

    internal override async Task<Writing> BeginWritingAsync(CancellationToken cancellationToken)
    {
        await Writers.WaitAsync(cancellationToken);
        try
        {
            // Immediate: from here on nobody else writes.
            return new Writing(await Database.BeginTransactionAsync(cancellationToken), Writers);
        }
        catch
        {
            Writers.Release();
            throw;
        }
    }

    internal override Task<Writing> BeginAloneAsync(long number, CancellationToken cancellationToken) => BeginWritingAsync(cancellationToken);

    /// <summary>Lets <c>dotnet ef migrations add</c> see the model; <c>eng/add-migration NAME</c> calls it.</summary>
    public sealed class Design : IDesignTimeDbContextFactory<SqliteLazaretDb>
    {
        public SqliteLazaretDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<SqliteLazaretDb>().UseSqlite("Data Source=:memory:").Options);
    }
}
