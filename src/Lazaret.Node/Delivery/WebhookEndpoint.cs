using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Lazaret.Node.Delivery;

/// <summary>Where one requester wants to be told: a URL that came with a request. It may carry a token, and is sealed.</summary>
public sealed class WebhookEndpoint : ISealedRecord
{
    // For EF Core, which fills the properties.
    private WebhookEndpoint()
    {
    }

    public Guid Id { get; private init; }

    public string Requester { get; private init; } = "";

    /// <summary>SHA-256 of the URL: finds the endpoint without opening it.</summary>
    public string UrlDigest { get; private init; } = "";

    /// <summary>The URL.</summary>
    public byte[] Content { get; private set; } = [];

    /// <summary>The URL's host, the only part of the URL that is shown and logged.</summary>
    public string Host { get; private init; } = "";

    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>Whether deliveries carry CliniSandbox's signature, too.</summary>
    public bool LegacySignature { get; set; }

    /// <summary>Since when nothing is delivered: it answered 410, or the operator said so.</summary>
    public DateTimeOffset? DisabledAt { get; private set; }

    public RecordPlace Place => new("WebhookEndpoints", nameof(Content), $"{Id:N}");

    public static WebhookEndpoint Of(string requester, Uri url, RecordSeal seal, DateTimeOffset now)
    {
        var endpoint = new WebhookEndpoint { Id = Guid.CreateVersion7(now), Requester = requester, UrlDigest = DigestOf(url), Host = url.IdnHost, CreatedAt = now };
        endpoint.Content = seal.Seal(Encoding.UTF8.GetBytes(url.AbsoluteUri), endpoint.Place);
        return endpoint;
    }

    public static string DigestOf(Uri url) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url.AbsoluteUri)));

    /// <exception cref="SealException">It does not open.</exception>
    public Uri Open(RecordSeal seal) => new(Encoding.UTF8.GetString(seal.Open(Content, Place)));

    public void Enable() => DisabledAt = null;

    public void Disable(DateTimeOffset now) => DisabledAt ??= now;

    /// <summary>How it is stored.</summary>
    internal sealed class Mapping : IEntityTypeConfiguration<WebhookEndpoint>
    {
        public void Configure(EntityTypeBuilder<WebhookEndpoint> endpoint)
        {
            endpoint.ToTable("WebhookEndpoints");
            endpoint.HasIndex(e => new { e.Requester, e.UrlDigest }).IsUnique();
            endpoint.Ignore(e => e.Place);
        }
    }
}

/// <summary>The table.</summary>
internal static class WebhookEndpointsTable
{
    extension(LazaretDb db)
    {
        public DbSet<WebhookEndpoint> WebhookEndpoints => db.Set<WebhookEndpoint>();
    }
}
