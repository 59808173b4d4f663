using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lazaret.Node.Delivery.Sending;

/// <summary>Signatures of Standard Webhooks 1.0 (https://www.standardwebhooks.com), and of CliniSandbox.</summary>
internal static class WebhookSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string Header = "webhook-signature";
    public const string LegacyHeader = "X-CliniSandbox-Signature";

    private const string SecretPrefix = "whsec_";
    private const int SecretBytes = 32;

    /// <summary>A new secret as the receiver is given it: <c>whsec_</c> and 32 random bytes in base64.</summary>
    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    /// <summary>The value of <see cref="Header"/>: a signature for each secret, so that a receiver may hold any one of them.</summary>
    public static string Sign(string id, DateTimeOffset timestamp, ReadOnlySpan<byte> body, IEnumerable<string> secrets)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp.ToUnixTimeSeconds()}.")), .. body];
        return string.Join(' ', secrets.Select(secret => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Key(secret), signed))}"));
    }

    /// <summary>The value of <see cref="LegacyHeader"/>: hex, keyed by the secret's characters as they stand.</summary>
    public static string SignLegacy(ReadOnlySpan<byte> body, string secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));

    private static byte[] Key(string secret) => Convert.FromBase64String(secret[SecretPrefix.Length..]);
}
