using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Identity.Tokens.Smart;

/// <summary>The key that signs the node's own access tokens: an ECDSA P-256 key in PKCS #8, sealed, the same for all processes.</summary>
public sealed class TokenKey : ISealedRecord
{
    /// <summary>Of the only key that there is. Two processes that make it at once collide here.</summary>
    public const int First = 1;

    // For EF Core, which fills the properties.
    private TokenKey()
    {
    }

    public int Id { get; private init; }

    public byte[] Content { get; private set; } = [];

    public DateTimeOffset CreatedAt { get; private init; }

    public RecordPlace Place => new("TokenKeys", nameof(Content), $"{Id}");

    public static TokenKey Of(byte[] key, RecordSeal seal, DateTimeOffset now)
    {
        var made = new TokenKey { Id = First, CreatedAt = now };
        made.Content = seal.Seal(key, made.Place);
        return made;
    }

    /// <exception cref="SealException">It does not open.</exception>
    public byte[] Open(RecordSeal seal) => seal.Open(Content, Place);

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<TokenKey>
    {
        public void Configure(EntityTypeBuilder<TokenKey> key)
        {
            key.ToTable("TokenKeys");
            key.Property(k => k.Id).ValueGeneratedNever();
            key.Ignore(k => k.Place);
        }
    }
}

/// <summary>The table.</summary>
internal static class TokenKeysTable
{
    extension(LazaretDb db)
    {
        public DbSet<TokenKey> TokenKeys => db.Set<TokenKey>();
    }
}
