using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Lazaret.Node.Receipts;

/// <summary>Checks a receipt without a node, by public keys that somebody kept.</summary>
internal static class ReceiptCheck
{
    private const int MostFaults = 20;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>What is wrong with it; nothing if it is valid.</summary>
    /// <param name="file">A <see cref="SignedReceipt"/>.</param>
    /// <param name="keys">The keys that may have signed it.</param>
    /// <param name="receipt">What was signed, whether or not the signature is right; null where it cannot be read.</param>
    public static async Task<IReadOnlyList<string>> FindFaultsAsync(ReadOnlyMemory<byte> file, IReadOnlyList<SecurityKey> keys, Action<Receipt> receipt)
    {
        JsonElement root;
        string compact;
        JsonElement signed;
        try
        {
            using var document = JsonDocument.Parse(file, Strict);
            root = document.RootElement.Clone();
            compact = string.Join('.', ((string[])["protected", "payload", "signature"]).Select(name => root.GetProperty(name).GetString()));
            using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(root.GetProperty("payload").GetString()), Strict);
            signed = payload.RootElement.Clone();
            receipt(signed.Deserialize<Receipt>()!);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or NotSupportedException)
        {
            return ["no receipt: it must be JSON with the members receipt, protected, payload and signature"];
        }

        var faults = new List<string>();
        // As a node writes it, the readable part says what was signed.
        if (root.TryGetProperty("receipt", out var shown))
            Compare(signed, shown, "receipt", faults);
        else
            faults.Add("receipt: is missing");
        var result = await new JsonWebTokenHandler { MaximumTokenSizeInBytes = 8 << 20 }.ValidateTokenAsync(compact, new TokenValidationParameters
        {
            IssuerSigningKeys = keys,
            TryAllIssuerSigningKeys = false,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidTypes = [ReceiptDesk.Type],
            // It names no issuer and no audience, and does not end.
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
        });
        if (!result.IsValid)
            faults.Insert(0, WordsOf(result.Exception, root));
        return [.. faults.Take(MostFaults)];
    }

    private static string WordsOf(Exception fault, JsonElement root) => fault switch
    {
        SecurityTokenSignatureKeyNotFoundException => $"unknown key: it says that {KeyOf(root)} signed it, and that is none of the given keys",
        SecurityTokenInvalidSignatureException => "bad signature: what was signed was altered, or the signature is another's",
        SecurityTokenInvalidTypeException => $"no receipt: its header's typ is not {ReceiptDesk.Type}",
        SecurityTokenInvalidAlgorithmException => "bad signature: its header's alg is not ES256",
        _ => "bad signature: it cannot be read",
    };

    private static string KeyOf(JsonElement root)
    {
        try
        {
            using var header = JsonDocument.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(root.GetProperty("protected").GetString())), Strict);
            return header.RootElement.TryGetProperty(JwtHeaderParameterNames.Kid, out var key) && key.ValueKind == JsonValueKind.String ? $"key {Cohort.Faults.Quoted.Bare(key.GetString()!)}" : "no key";
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return "no key";
        }
    }

    private static void Compare(JsonElement signed, JsonElement shown, string place, List<string> faults)
    {
        if (signed.ValueKind == JsonValueKind.Object && shown.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in signed.EnumerateObject())
            {
                if (shown.TryGetProperty(member.Name, out var other))
                    Compare(member.Value, other, $"{place}.{member.Name}", faults);
                else
                    faults.Add($"altered: {place}.{Cohort.Faults.Quoted.Bare(member.Name)} was taken out");
            }

            faults.AddRange(shown.EnumerateObject().Where(member => !signed.TryGetProperty(member.Name, out _)).Select(member => $"altered: {place}.{Cohort.Faults.Quoted.Bare(member.Name)} was not signed"));
        }
        else if (signed.ValueKind == JsonValueKind.Array && shown.ValueKind == JsonValueKind.Array && signed.GetArrayLength() == shown.GetArrayLength())
        {
            foreach (var (index, (item, other)) in signed.EnumerateArray().Zip(shown.EnumerateArray()).Index())
                Compare(item, other, $"{place}[{index}]", faults);
        }
        else if (!JsonElement.DeepEquals(signed, shown))
        {
            faults.Add($"altered: {place} is not what was signed");
        }
    }
}
