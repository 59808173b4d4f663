using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Lazaret.Node.Storage;

/// <summary>Lets <c>dotnet ef migrations add</c> see the model; <c>eng/add-migration NAME</c> calls it.</summary>
public sealed class LazaretDbDesign : IDesignTimeDbContextFactory<LazaretDb>
{
    public LazaretDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<LazaretDb>().UseSqlite("Data Source=:memory:").Options);
}
