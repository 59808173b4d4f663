using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>A link by which a person sets up how they sign in, once. Its secret, 256 random bits, is kept as a hash.</summary>
public sealed class SetupLink
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    // For EF Core, which fills the properties.
    private SetupLink()
    {
    }

    /// <summary>SHA-256 of the secret, in hexadecimal digits.</summary>
    public string Hash { get; private init; } = "";

    public Guid PersonId { get; private init; }

    public DateTimeOffset ExpiresAt { get; private init; }

    public DateTimeOffset? UsedAt { get; private init; }

    /// <summary>A new link, and its secret, which nothing keeps.</summary>
    internal static (SetupLink Link, string Secret) Make(Person person, DateTimeOffset now)
    {
        var secret = HashedSecret.Make();
        return (new SetupLink { Hash = HashedSecret.HashOf(secret), PersonId = person.Id, ExpiresAt = now + Lifetime }, secret);
    }

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<SetupLink>
    {
        public void Configure(EntityTypeBuilder<SetupLink> link)
        {
            link.ToTable("SetupLinks");
            link.HasKey(l => l.Hash);
            link.HasOne<Person>().WithMany().HasForeignKey(l => l.PersonId);
        }
    }
}

/// <summary>The table.</summary>
internal static class SetupLinksTable
{
    extension(LazaretDb db)
    {
        public DbSet<SetupLink> SetupLinks => db.Set<SetupLink>();
    }
}
