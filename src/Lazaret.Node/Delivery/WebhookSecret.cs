using System.Text;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Delivery;

/// <summary>A secret that a requester's deliveries are signed with. The newest has no end; an older one has it from its rotation.</summary>
public sealed class WebhookSecret : ISealedRecord
{
    // For EF Core, which fills the properties.
    private WebhookSecret()
    {
    }

    public Guid Id { get; private init; }

    public string Requester { get; private init; } = "";

    /// <summary>The text <c>whsec_…</c>.</summary>
    public byte[] Content { get; private set; } = [];

    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Until when it signs.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    public RecordPlace Place => new("WebhookSecrets", nameof(Content), $"{Id:N}");

    public static WebhookSecret Of(string requester, string text, RecordSeal seal, DateTimeOffset now)
    {
        var secret = new WebhookSecret { Id = Guid.CreateVersion7(now), Requester = requester, CreatedAt = now };
        secret.Content = seal.Seal(Encoding.UTF8.GetBytes(text), secret.Place);
        return secret;
    }

    /// <exception cref="SealException">It does not open.</exception>
    public string Open(RecordSeal seal) => Encoding.UTF8.GetString(seal.Open(Content, Place));

    /// <summary>It signs no longer than this.</summary>
    public void ExpireAt(DateTimeOffset end) => ExpiresAt = ExpiresAt is { } sooner && sooner < end ? sooner : end;

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<WebhookSecret>
    {
        public void Configure(EntityTypeBuilder<WebhookSecret> secret)
        {
            secret.ToTable("WebhookSecrets");
            secret.HasIndex(s => s.Requester);
            secret.Ignore(s => s.Place);
        }
    }
}

/// <summary>The table.</summary>
internal static class WebhookSecretsTable
{
    extension(LazaretDb db)
    {
        public DbSet<WebhookSecret> WebhookSecrets => db.Set<WebhookSecret>();
    }
}
