using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Audit.Chain.Copies;

/// <summary>What a time-stamping authority signed of a checkpoint.</summary>
/// <param name="Number">The checkpoint's link.</param>
/// <param name="Token">The TimeStampToken of RFC 3161, in DER.</param>
internal sealed record CheckpointStamp(long Number, byte[] Token)
{
    /// <summary>One line of JSON.</summary>
    public string Write() => JsonSerializer.Serialize(new Line(Number, Convert.ToBase64String(Token)));

    /// <summary>Null where the line is none.</summary>
    public static CheckpointStamp? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(line) is { Token: { } token } read && Base64.IsValid(token) ? new CheckpointStamp(read.Link, Convert.FromBase64String(token)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Line([property: JsonPropertyName("stamped_link")] long Link, [property: JsonPropertyName("rfc3161")] string? Token);
}
