using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Audit.Chain;

/// <summary>What of a checkpoint is signed, and how it is written in files and messages outside the database.</summary>
internal static class CheckpointText
{
    /// <summary>Four lines of text, each ended by a line feed.</summary>
    public static byte[] Signed(this AuditCheckpoint checkpoint) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"lazaret-audit-checkpoint-v1\n{checkpoint.Number}\n{Convert.ToHexStringLower(checkpoint.Hash)}\n{checkpoint.Milliseconds}\n"));

    /// <summary>SHA-256 of a public key in DER, in hexadecimal: the name of the key.</summary>
    public static string NameOf(byte[] publicKey) => Convert.ToHexStringLower(SHA256.HashData(publicKey));

    /// <summary>Whether its signature is its key's.</summary>
    public static bool IsSigned(this AuditCheckpoint checkpoint)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(checkpoint.PublicKey, out _);
            return key.VerifyData(checkpoint.Signed(), checkpoint.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>One line of JSON.</summary>
    public static string Write(this AuditCheckpoint checkpoint) => JsonSerializer.Serialize(new Line(
        checkpoint.Number,
        Convert.ToHexStringLower(checkpoint.Hash),
        checkpoint.Milliseconds,
        Convert.ToBase64String(checkpoint.PublicKey),
        Convert.ToBase64String(checkpoint.Signature)));

    /// <summary>Null where the line is none.</summary>
    public static AuditCheckpoint? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(line) is { Hash: not null, Key: not null, Signature: not null } read && Base64.IsValid(read.Key) && Base64.IsValid(read.Signature)
                ? AuditCheckpoint.Of(
                    new AuditCheckpoint { Number = read.Link, Hash = Convert.FromHexString(read.Hash), Milliseconds = read.Milliseconds, PublicKey = Convert.FromBase64String(read.Key) },
                    Convert.FromBase64String(read.Signature))
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    private sealed record Line(
        [property: JsonPropertyName("link")] long Link,
        [property: JsonPropertyName("hash")] string Hash,
        [property: JsonPropertyName("at_ms")] long Milliseconds,
        [property: JsonPropertyName("key")] string Key,
        [property: JsonPropertyName("signature")] string Signature);
}
