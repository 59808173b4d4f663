using System.Security.Cryptography;

namespace Lazaret.Node.Keys;

/// <summary>A key that wraps the data keys of records.</summary>
/// <param name="Id">Its name, which stands in clear in every record that it wraps.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Secret">256 bits.</param>
public sealed record RingKey(string Id, DateTimeOffset Created, byte[] Secret)
{
    public const int Length = 32;

    private const int FingerprintLength = 16;

    public static RingKey Make(DateTimeOffset now) =>
        new($"{now.UtcDateTime:yyyyMMdd}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}", now, RandomNumberGenerator.GetBytes(Length));

    /// <summary>Distinguishes this secret from others without revealing it: HMAC-SHA256 of a fixed text, keyed with the secret, cut to 128 bits, in hex.</summary>
    public string Fingerprint() => Convert.ToHexStringLower(HMACSHA256.HashData(Secret, "lazaret key fingerprint 1"u8).AsSpan(0, FingerprintLength));
}
