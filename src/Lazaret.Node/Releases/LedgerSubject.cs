using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Releases;

/// <summary>
/// A subject's place in the ledger, from the first time that they were seen and for ever, whatever the tables hold later. The subject's id is not
/// stored: the tag is an HMAC of it under the <see cref="DisclosureKey"/>.
/// </summary>
public sealed class LedgerSubject
{
    /// <summary>Its index in cohorts and score vectors.</summary>
    public int Index { get; init; }

    public required string Tag { get; init; }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<LedgerSubject>
    {
        public void Configure(EntityTypeBuilder<LedgerSubject> subject)
        {
            subject.ToTable("LedgerSubjects");
            subject.HasKey(s => s.Index);
            subject.Property(s => s.Index).ValueGeneratedNever();
            subject.HasIndex(s => s.Tag).IsUnique();
        }
    }
}

/// <summary>The table.</summary>
internal static class LedgerSubjectsTable
{
    extension(LazaretDb db)
    {
        public DbSet<LedgerSubject> LedgerSubjects => db.Set<LedgerSubject>();
    }
}
