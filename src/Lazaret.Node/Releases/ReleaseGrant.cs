using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Releases;

/// <summary>That a project was given a release: it counts in that project's ledger, whoever asked first.</summary>
public sealed class ReleaseGrant
{
    public required string Query { get; init; }

    public required string Project { get; init; }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<ReleaseGrant>
    {
        public void Configure(EntityTypeBuilder<ReleaseGrant> grant)
        {
            grant.ToTable("ReleaseGrants");
            grant.HasKey(g => new { g.Project, g.Query });
        }
    }
}

/// <summary>The table.</summary>
internal static class ReleaseGrantsTable
{
    extension(LazaretDb db)
    {
        public DbSet<ReleaseGrant> ReleaseGrants => db.Set<ReleaseGrant>();
    }
}
