using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Lazaret.Node.Storage;

/// <summary>The memory on a PostgreSQL server. A type of its own so that EF Core keeps its migrations apart from the other database's.</summary>
public sealed class PostgresLazaretDb(DbContextOptions<PostgresLazaretDb> options) : LazaretDb(options)
{
    internal override async Task<Writing> BeginWritingAsync(CancellationToken cancellationToken) =>
        new(await Database.BeginTransactionAsync(cancellationToken), turn: null);

    /// <summary>Lets <c>dotnet ef migrations add</c> see the model; <c>eng/add-migration NAME</c> calls it.</summary>
    public sealed class Design : IDesignTimeDbContextFactory<PostgresLazaretDb>
    {
        public PostgresLazaretDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<PostgresLazaretDb>().UseNpgsql("Host=localhost").Options);
    }
}
