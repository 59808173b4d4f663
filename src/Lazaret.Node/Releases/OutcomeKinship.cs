using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Releases;

/// <summary>Two outcomes of one family: an answer about the one tells something about the other, so that they share a ledger. Kinship never ends.</summary>
public sealed class OutcomeKinship
{
    /// <summary>The first of the two in ordinal order.</summary>
    public required string First { get; init; }

    public required string Second { get; init; }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<OutcomeKinship>
    {
        public void Configure(EntityTypeBuilder<OutcomeKinship> kinship)
        {
            kinship.ToTable("OutcomeKinships");
            kinship.HasKey(k => new { k.First, k.Second });
        }
    }
}

/// <summary>The table.</summary>
internal static class OutcomeKinshipsTable
{
    extension(LazaretDb db)
    {
        public DbSet<OutcomeKinship> OutcomeKinships => db.Set<OutcomeKinship>();
    }
}
