using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Identity.Registered;

/// <summary>One proof of a registered requester. Nothing in it is secret: of a key only the hash is kept.</summary>
public sealed class Credential
{
    // For EF Core, which fills the properties.
    private Credential()
    {
    }

    public Guid Id { get; private init; }

    public Guid RequesterId { get; private init; }

    public CredentialKind Kind { get; private init; }

    /// <summary>What a request shows of it, by which it is found.</summary>
    public string Lookup { get; private init; } = "";

    /// <summary>What the rest of the proof is compared with; see <see cref="CredentialKind"/>.</summary>
    public byte[] Content { get; private set; } = [];

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset? ExpiresAt { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    public static Credential Of(RegisteredRequester requester, CredentialKind kind, string lookup, byte[] content, DateTimeOffset now, DateTimeOffset? expires) => new()
    {
        Id = Guid.CreateVersion7(now),
        RequesterId = requester.Id,
        Kind = kind,
        Lookup = lookup,
        Content = content,
        CreatedAt = now,
        ExpiresAt = expires,
    };

    public bool IsValidAt(DateTimeOffset now) => RevokedAt is null && !(ExpiresAt <= now);

    /// <summary>It is valid no longer than this.</summary>
    public void ExpireAt(DateTimeOffset end) => ExpiresAt = ExpiresAt < end ? ExpiresAt : end;

    /// <summary>What proves it from now on; it is found as before.</summary>
    public void Replace(byte[] content) => Content = content;

    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<Credential>
    {
        public void Configure(EntityTypeBuilder<Credential> credential)
        {
            credential.ToTable("Credentials");
            credential.HasIndex(c => new { c.Kind, c.Lookup }).IsUnique();
            credential.HasOne<RegisteredRequester>().WithMany().HasForeignKey(c => c.RequesterId);
        }
    }
}

/// <summary>The table.</summary>
internal static class CredentialsTable
{
    extension(LazaretDb db)
    {
        public DbSet<Credential> Credentials => db.Set<Credential>();
    }
}
