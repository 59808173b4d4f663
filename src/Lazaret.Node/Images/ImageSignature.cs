using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Cohort.Files;

namespace Lazaret.Node.Images;

/// <summary>
/// Who vouches for an image: cosign's simple-signing payload, which names the digest, and an ECDSA P-256 signature over
/// the payload's bytes, in one file as <c>cosign download signature</c> prints it: <c>{"Base64Signature","Payload"}</c>.
/// </summary>
internal static class ImageSignature
{
    public const int MaxBytes = 64 << 10;

    /// <summary>The fingerprint of the trusted key that signed this digest, or null and why none did.</summary>
    /// <param name="signatureFile">The bytes of the file.</param>
    public static string? Verify(ReadOnlySpan<byte> signatureFile, string digest, IReadOnlyList<string> trustedKeyFiles, out string why)
    {
        why = "";
        byte[] payload, signature;
        try
        {
            // A byte order mark is ordinary.
            var file = JsonNode.Parse(signatureFile.StartsWith("\uFEFF"u8) ? signatureFile[3..] : signatureFile);
            payload = Convert.FromBase64String((string)file?["Payload"]!);
            signature = Convert.FromBase64String((string)file?["Base64Signature"]!);
            if ((string?)JsonNode.Parse(payload)?["critical"]?["image"]?["docker-manifest-digest"] is not { } signed || signed != digest)
                why = $"the signature is for another image; this one is {digest}";
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or ArgumentException)
        {
            why = "the signature file is not readable as {\"Base64Signature\",\"Payload\"}";
            return null;
        }

        if (why.Length > 0)
            return null;
        foreach (var path in trustedKeyFiles)
        {
            using var key = ReadKey(path);
            if (key.VerifyData(payload, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))
                return Fingerprint(key);
        }

        why = "no trusted key (Lazaret:Models:TrustedKeys) made the signature";
        return null;
    }

    /// <summary>Signs a digest, in the form that <see cref="Verify"/> reads.</summary>
    public static void Write(string signatureFile, string digest, ECDsa key)
    {
        var payload = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["critical"] = new JsonObject
            {
                ["identity"] = new JsonObject { ["docker-reference"] = "" },
                ["image"] = new JsonObject { ["docker-manifest-digest"] = digest },
                ["type"] = "cosign container image signature",
            },
            ["optional"] = null,
        }.ToJsonString());
        var signature = key.SignData(payload, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        File.WriteAllText(signatureFile, new JsonObject
        {
            ["Base64Signature"] = Convert.ToBase64String(signature),
            ["Payload"] = Convert.ToBase64String(payload),
        }.ToJsonString());
    }

    /// <exception cref="InputException">The site's own file is none: no signature can be checked.</exception>
    private static ECDsa ReadKey(string path)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(Encoding.UTF8.GetString(RegularFile.ReadAllBytes(path, MaxBytes)));
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException or IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            throw new InputException($"Lazaret:Models:TrustedKeys: {path}: {(e is IOException or UnauthorizedAccessException ? e.Message : "holds no public key in PEM")}");
        }
    }

    private static string Fingerprint(ECDsa key) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
}
