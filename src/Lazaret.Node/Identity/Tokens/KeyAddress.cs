using Lazaret.Node.Http;

namespace Lazaret.Node.Identity.Tokens;

/// <summary>Where keys may be fetched from: over TLS, or from this machine.</summary>
internal static class KeyAddress
{
    public const string Wanted = "must be an https address (http only on loopback), without user, query or fragment";

    /// <summary>Whether it is meant as an address, not as a file's name.</summary>
    public static bool LooksLikeOne(string text) => text.Contains("://", StringComparison.Ordinal);

    /// <summary>Null when keys are not to be fetched from there.</summary>
    public static Uri? Read(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { UserInfo: "", Query: "", Fragment: "" }
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && Loopback.IsHost(uri.Host)))
            ? uri : null;
}
