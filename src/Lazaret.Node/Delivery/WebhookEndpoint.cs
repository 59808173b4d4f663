namespace Lazaret.Node.Delivery;

/// <summary>Where one requester wants to be told: a URL that came with a request.</summary>
public sealed class WebhookEndpoint
{
    public required Guid Id { get; init; }

    public required string Requester { get; init; }

    /// <summary>SHA-256 of the URL: finds the endpoint without opening it.</summary>
    public required string UrlDigest { get; init; }

    /// <summary>The URL, which may carry a token: sealed.</summary>
    public required byte[] Url { get; set; }

    /// <summary>The URL's host: all of it that is shown and logged.</summary>
    public required string Host { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Whether deliveries carry CliniSandbox's signature, too.</summary>
    public bool LegacySignature { get; set; }

    /// <summary>Since when nothing is delivered: it answered 410, or the operator said so.</summary>
    public DateTimeOffset? DisabledAt { get; set; }
}
