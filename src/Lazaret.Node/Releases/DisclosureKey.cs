using System.Security.Cryptography;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Releases;

/// <summary>The secret of the node's draws (noise, folds, permutations) and of the names of subjects in its ledger: 32 random bytes, sealed, the same for all processes.</summary>
public sealed class DisclosureKey : ISealedRecord
{
    /// <summary>Of the only key that there is. Two processes that make it at once collide here.</summary>
    public const int First = 1;

    // For EF Core, which fills the properties.
    private DisclosureKey()
    {
    }

    public int Id { get; private init; }

    public byte[] Content { get; private set; } = [];

    public RecordPlace Place => new("DisclosureKeys", nameof(Content), $"{Id}");

    public static DisclosureKey Make(RecordSeal seal)
    {
        var made = new DisclosureKey { Id = First };
        made.Content = seal.Seal(RandomNumberGenerator.GetBytes(32), made.Place);
        return made;
    }

    /// <exception cref="SealException">It does not open.</exception>
    public byte[] Open(RecordSeal seal) => seal.Open(Content, Place);

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<DisclosureKey>
    {
        public void Configure(EntityTypeBuilder<DisclosureKey> key)
        {
            key.ToTable("DisclosureKeys");
            key.Property(k => k.Id).ValueGeneratedNever();
            key.Ignore(k => k.Place);
        }
    }
}

/// <summary>The table.</summary>
internal static class DisclosureKeysTable
{
    extension(LazaretDb db)
    {
        public DbSet<DisclosureKey> DisclosureKeys => db.Set<DisclosureKey>();
    }
}
