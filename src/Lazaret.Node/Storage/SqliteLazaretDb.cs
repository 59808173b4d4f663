using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Lazaret.Node.Storage;

/// <summary>The memory in a file. A type of its own so that EF Core keeps its migrations apart from the other database's.</summary>
public sealed class SqliteLazaretDb(DbContextOptions<SqliteLazaretDb> options) : LazaretDb(options)
{
    /// <summary>Lets <c>dotnet ef migrations add</c> see the model; <c>eng/add-migration NAME</c> calls it.</summary>
    public sealed class Design : IDesignTimeDbContextFactory<SqliteLazaretDb>
    {
        public SqliteLazaretDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<SqliteLazaretDb>().UseSqlite("Data Source=:memory:").Options);
    }
}
