using System.Text.Json.Serialization;
using Lazaret.Node.Audit.Chain;

namespace Lazaret.Node.Audit;

internal static class NodeKeysEndpoint
{
    public static void MapNodeKeys(this IEndpointRouteBuilder node) => node
        .MapGet("/.well-known/lazaret-keys", (SigningKeyFile keys) => new NodeKeys(keys.Find() is { } key ? [NodeKey.Of(key)] : []))
        .WithTags("Health").WithSummary("The public keys of this node: what it signs receipts and checkpoints of the audit with");
}

/// <summary>A JWK set (RFC 7517).</summary>
internal sealed record NodeKeys([property: JsonPropertyName("keys")] IReadOnlyList<NodeKey> Keys);

/// <summary>A public key on P-256.</summary>
internal sealed record NodeKey(
    [property: JsonPropertyName("kid")] string Id,
    [property: JsonPropertyName("kty")] string Type,
    [property: JsonPropertyName("crv")] string Curve,
    [property: JsonPropertyName("x")] string X,
    [property: JsonPropertyName("y")] string Y,
    [property: JsonPropertyName("use")] string Use,
    [property: JsonPropertyName("alg")] string Algorithm)
{
    public static NodeKey Of(SigningKey key) => new(key.Name, "EC", "P-256", Coordinate(key.Parameters.Q.X!), Coordinate(key.Parameters.Q.Y!), "sig", "ES256");

    private static string Coordinate(byte[] number) => System.Buffers.Text.Base64Url.EncodeToString(number);
}
