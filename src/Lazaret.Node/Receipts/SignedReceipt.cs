using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Receipts;

/// <summary>
/// A JWS in flattened JSON (RFC 7515, 7.2.2), with the receipt beside it for people to read. What is signed is the payload; <c>lazaret receipt verify</c>
/// compares the two.
/// </summary>
internal sealed record SignedReceipt(
    [property: JsonPropertyName("receipt")] Receipt Receipt,
    [property: JsonPropertyName("protected"), Description("base64url: alg, kid and typ")] string Protected,
    [property: JsonPropertyName("payload"), Description("base64url: the receipt as it was signed")] string Payload,
    [property: JsonPropertyName("signature"), Description("base64url")] string Signature)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public byte[] Write() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Indented), (byte)'\n'];
}
