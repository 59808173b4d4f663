using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Lazaret.Node.Storage;

/// <summary>The database on a PostgreSQL server. It has a type of its own because EF Core keeps a set of migrations for each type.</summary>
internal sealed class PostgresLazaretDb(DbContextOptions<PostgresLazaretDb> options) : LazaretDb(options)
{
    internal override async Task<Writing> BeginWritingAsync(CancellationToken cancellationToken) =>
        new(await Database.BeginTransactionAsync(cancellationToken), turn: null);

    internal override async Task<Writing> BeginAloneAsync(long number, CancellationToken cancellationToken)
    {
        var writing = await BeginWritingAsync(cancellationToken);
        try
        {
            await Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({number})", cancellationToken);
            return writing;
        }
        catch
        {
            await writing.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets <c>dotnet ef migrations add</c> see the model; <c>eng/add-migration NAME</c> calls it.</summary>
    public sealed class Design : IDesignTimeDbContextFactory<PostgresLazaretDb>
    {
        public PostgresLazaretDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<PostgresLazaretDb>().UseNpgsql("Host=localhost").Options);
    }
}
