using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Audit.Chain;

/// <summary>A signature over the chain up to one of its links. The table only grows.</summary>
internal sealed class AuditCheckpoint
{
    /// <summary>Of the link.</summary>
    public required long Number { get; init; }

    /// <summary>The link's hash.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>When it was signed, in milliseconds since 1970 began, UTC.</summary>
    public required long Milliseconds { get; init; }

    /// <summary>The public key of the one who signed: SubjectPublicKeyInfo in DER.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>ECDSA on P-256 with SHA-256 over <see cref="CheckpointText"/>, in DER, as <c>openssl dgst -verify</c> takes it.</summary>
    public byte[] Signature { get; private init; } = [];

    /// <summary>What a time-stamping authority signed of it, a TimeStampToken in DER. It stands in files alone.</summary>
    public byte[]? Stamp { get; set; }

    public static AuditCheckpoint Of(AuditLink link, DateTimeOffset now, SigningKey key)
    {
        var unsigned = new AuditCheckpoint { Number = link.Number, Hash = link.Hash, Milliseconds = now.ToUnixTimeMilliseconds(), PublicKey = key.PublicKey };
        return Of(unsigned, key.Sign(unsigned.Signed()));
    }

    public static AuditCheckpoint Of(AuditCheckpoint unsigned, byte[] signature) => new()
    {
        Number = unsigned.Number,
        Hash = unsigned.Hash,
        Milliseconds = unsigned.Milliseconds,
        PublicKey = unsigned.PublicKey,
        Signature = signature,
    };

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<AuditCheckpoint>
    {
        public void Configure(EntityTypeBuilder<AuditCheckpoint> checkpoint)
        {
            checkpoint.ToTable("AuditCheckpoints");
            checkpoint.HasKey(c => c.Number);
            checkpoint.Property(c => c.Number).ValueGeneratedNever();
            checkpoint.Ignore(c => c.Stamp);
        }
    }
}

/// <summary>The table.</summary>
internal static class AuditCheckpointsTable
{
    extension(LazaretDb db)
    {
        public DbSet<AuditCheckpoint> AuditCheckpoints => db.Set<AuditCheckpoint>();
    }
}
