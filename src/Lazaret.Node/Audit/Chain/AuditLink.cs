using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Audit.Chain;

/// <summary>
/// An entry's place in the chain. Link 0 stands for no entry: its sequence is minus that of the last entry that was there before there was a
/// chain. The table only grows.
/// </summary>
internal sealed class AuditLink
{
    /// <summary>1, 2, 3, … without a gap.</summary>
    public required long Number { get; init; }

    /// <summary>Of the entry.</summary>
    public required long Sequence { get; init; }

    /// <summary>The hash of the link before.</summary>
    public required byte[] Previous { get; init; }

    /// <summary>The <see cref="LinkHash"/>.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<AuditLink>
    {
        public void Configure(EntityTypeBuilder<AuditLink> link)
        {
            link.ToTable("AuditChain");
            link.HasKey(l => l.Number);
            link.Property(l => l.Number).ValueGeneratedNever();
            link.HasIndex(l => l.Sequence).IsUnique();
        }
    }
}

/// <summary>The table.</summary>
internal static class AuditChainTable
{
    extension(LazaretDb db)
    {
        public DbSet<AuditLink> AuditChain => db.Set<AuditLink>();
    }
}
