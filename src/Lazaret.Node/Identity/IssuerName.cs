using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Identity;

/// <summary>
/// Whose people are called <c>NAME/SUBJECT</c>. A subject is one of a kind only within its issuer (OpenID Connect Core, 2): if the name went over to another issuer, its people would be
/// taken for those of the first who have the same subject, and have their jobs and projects.
/// </summary>
internal sealed class IssuerName
{
    public required string Name { get; init; }

    public required string Issuer { get; init; }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<IssuerName>
    {
        public void Configure(EntityTypeBuilder<IssuerName> name)
        {
            name.ToTable("IssuerNames");
            name.HasKey(n => n.Name);
        }
    }
}

/// <summary>The table.</summary>
internal static class IssuerNamesTable
{
    extension(LazaretDb db)
    {
        public DbSet<IssuerName> IssuerNames => db.Set<IssuerName>();
    }
}
