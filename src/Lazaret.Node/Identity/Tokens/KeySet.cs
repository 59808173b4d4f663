using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Lazaret.Node.Identity.Tokens;

/// <summary>The public keys of a JWK set (RFC 7517) that verify signatures.</summary>
internal sealed class KeySet
{
    public const int LargestBytes = 256 << 10;

    // The library would verify with 1024 bits.
    private const int LeastRsaBits = 2048;

    private KeySet(byte[] document, IReadOnlyList<JsonWebKey> keys) => (Document, Keys) = (document, keys);

    public byte[] Document { get; }

    public IReadOnlyList<JsonWebKey> Keys { get; }

    /// <exception cref="FormatException">It is no JWK set, or has no key that can verify a signature.</exception>
    public static KeySet Read(byte[] document) => ReadAny(document) is { Keys.Count: > 0 } set ? set : throw new FormatException("it has no RSA or EC key for signatures; an RSA key needs 2048 bits");

    /// <summary>The same, or a set without a usable key: its owner has taken the keys away.</summary>
    /// <exception cref="FormatException">It is no JWK set.</exception>
    public static KeySet ReadAny(byte[] document)
    {
        JsonWebKeySet set;
        try
        {
            set = JsonWebKeySet.Create(Encoding.UTF8.GetString(document));
        }
        catch (ArgumentException e)
        {
            throw new FormatException("it is no JWK set: {\"keys\":[…]}", e);
        }

        return new KeySet(document, [.. set.Keys.Where(key => (string.IsNullOrEmpty(key.Use) || key.Use == JsonWebKeyUseNames.Sig) && IsUsable(key))]);
    }

    /// <summary>Whether it holds more than the world may see.</summary>
    public bool HasPrivateKeys => Keys.Any(key => key.HasPrivateKey);

    /// <summary>The keys of this id. Without an id the only key there is, for among several a token must name its own.</summary>
    public IReadOnlyList<JsonWebKey> Find(string? kid) =>
        string.IsNullOrEmpty(kid) ? Keys is [var only] ? [only] : [] : [.. Keys.Where(key => key.Kid == kid)];

    /// <summary>Those of them that are for signatures of this algorithm: a key may say for which it is (RFC 7517, 4.4).</summary>
    public IReadOnlyList<JsonWebKey> Find(string? kid, string algorithm) =>
        [.. Find(kid).Where(key => string.IsNullOrEmpty(key.Alg) || key.Alg == algorithm)];

    private static bool IsUsable(JsonWebKey key)
    {
        try
        {
            return key.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve || (key.Kty == JsonWebAlgorithmsKeyTypes.RSA && key.KeySize >= LeastRsaBits);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Its modulus is no Base64url.
            return false;
        }
    }
}
