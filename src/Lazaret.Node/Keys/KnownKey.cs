using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Keys;

/// <summary>A key that records of this database may be sealed under. The database keeps its fingerprint, never its secret.</summary>
internal sealed class KnownKey
{
    // For EF Core, which fills the properties.
    private KnownKey()
    {
    }

    public string Id { get; private init; } = "";

    /// <summary>The <see cref="RingKey.Fingerprint"/> of its secret.</summary>
    public string Fingerprint { get; private init; } = "";

    public DateTimeOffset AddedAt { get; private init; }

    /// <summary>Whether new records are sealed under it. A ring that lacks it belongs to another database, or is an old copy.</summary>
    public bool IsPrimary { get; set; }

    public static KnownKey Of(RingKey key, DateTimeOffset now) => new() { Id = key.Id, Fingerprint = key.Fingerprint(), AddedAt = now };

    public override string ToString() => $"{Id} (fingerprint {Fingerprint})";

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<KnownKey>
    {
        public void Configure(EntityTypeBuilder<KnownKey> key)
        {
            key.ToTable("KnownKeys");
            key.HasKey(k => k.Id);
        }
    }
}

/// <summary>The table.</summary>
internal static class KnownKeysTable
{
    extension(LazaretDb db)
    {
        public DbSet<KnownKey> KnownKeys => db.Set<KnownKey>();
    }
}
