namespace Lazaret.Node.Models;

/// <summary>A model in the registry: one version of one key, with its image pinned by digest.</summary>
public sealed class RegisteredModel
{
    /// <summary>What a requester names as target: <c>sepsis</c>.</summary>
    public required string Key { get; init; }

    public required string Version { get; init; }

    /// <summary>The manifest as it was added.</summary>
    public required string Manifest { get; init; }

    /// <summary>SHA-256 of the image, <c>sha256:…</c>; also the name of its folder below <c>State/models</c>.</summary>
    public required string Digest { get; init; }

    /// <summary>The fingerprint of the key that signed the digest; null when nobody did.</summary>
    public string? SignedBy { get; init; }

    public required DateTimeOffset AddedAt { get; init; }
}
