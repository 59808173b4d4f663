using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Lazaret.Node.Identity.Registered;

/// <summary>
/// An API key, <c>lzk_PREFIX_SECRET</c>: a public prefix of 12 hexadecimal digits by which it is found, and 256 random bits in Base64url. The secret
/// has full entropy, so that one SHA-256 protects the stored form, and no slow hash is needed.
/// </summary>
/// <param name="Prefix">Its public part.</param>
/// <param name="Hash">SHA-256 of its secret part.</param>
public readonly record struct ApiKey(string Prefix, byte[] Hash)
{
    /// <summary>By which people and scanners for leaked secrets recognize a key of Lazaret's.</summary>
    public const string Begin = "lzk_";

    private const int PrefixLength = 12;
    private const int SecretBytes = 32;

    // Base64url of 32 bytes.
    private const int SecretLength = 43;

    /// <summary>A new key, and its text, which nothing keeps.</summary>
    public static (ApiKey Key, string Text) Make()
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        var prefix = RandomNumberGenerator.GetHexString(PrefixLength, lowercase: true);
        return (new ApiKey(prefix, HashOf(secret)), $"{Begin}{prefix}_{secret}");
    }

    /// <summary>Null when the text has not the form of a key.</summary>
    public static ApiKey? Read(string text) =>
        text.Length == Begin.Length + PrefixLength + 1 + SecretLength && text.StartsWith(Begin, StringComparison.Ordinal) && text[Begin.Length + PrefixLength] == '_'
        && text.Substring(Begin.Length, PrefixLength) is var prefix && prefix.All(char.IsAsciiHexDigitLower)
            ? new ApiKey(prefix, HashOf(text[^SecretLength..]))
            : null;

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
