using System.Text;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Identity.People.Accounts;

/// <summary>The secret by which a person's authenticator makes its six-digit codes, sealed.</summary>
public sealed class AuthenticatorKey : ISealedRecord
{
    // For EF Core, which fills the properties.
    private AuthenticatorKey()
    {
    }

    public Guid PersonId { get; private init; }

    /// <summary>The secret in Base32.</summary>
    public byte[] Content { get; private set; } = [];

    public RecordPlace Place => new("AuthenticatorKeys", nameof(Content), $"{PersonId:N}");

    internal static AuthenticatorKey Of(Person person, string secret, RecordSeal seal)
    {
        var key = new AuthenticatorKey { PersonId = person.Id };
        key.Content = seal.Seal(Encoding.ASCII.GetBytes(secret), key.Place);
        return key;
    }

    /// <exception cref="SealException">It does not open.</exception>
    internal string Open(RecordSeal seal) => Encoding.ASCII.GetString(seal.Open(Content, Place));

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<AuthenticatorKey>
    {
        public void Configure(EntityTypeBuilder<AuthenticatorKey> key)
        {
            key.ToTable("AuthenticatorKeys");
            key.HasKey(k => k.PersonId);
            key.HasOne<Person>().WithOne().HasForeignKey<AuthenticatorKey>(k => k.PersonId);
            key.Ignore(k => k.Place);
        }
    }
}

/// <summary>The table.</summary>
internal static class AuthenticatorKeysTable
{
    extension(LazaretDb db)
    {
        public DbSet<AuthenticatorKey> AuthenticatorKeys => db.Set<AuthenticatorKey>();
    }
}
