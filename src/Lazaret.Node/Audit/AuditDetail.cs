using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Audit;

/// <summary>
/// The particulars of an audit entry: codes, counts, identifiers of jobs and models. Never an observation's value, a
/// subject's id, a score, or anything else about a patient.
/// </summary>
public sealed class AuditDetail : SortedDictionary<string, object?>
{
    /// <summary>The most that an entry keeps of its particulars, in bytes of JSON: the record only grows.</summary>
    public const int MaxBytes = 16 << 10;

    private static readonly JsonSerializerOptions Json = new()
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public AuditDetail()
        : base(StringComparer.Ordinal)
    {
    }

    public void Add(AuditDetail more)
    {
        foreach (var (name, value) in more)
            this[name] = value;
    }

    /// <summary>As JSON. Where that would be too long, the longest members are replaced by their length and digest.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json) is { Length: <= MaxBytes } whole ? whole : Shorten();

    /// <summary>A text of a stored detail; null where there is none.</summary>
    internal static string? Read(string detail, string member)
    {
        try
        {
            using var document = JsonDocument.Parse(detail);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty(member, out var text) && text.ValueKind == JsonValueKind.String
                ? text.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string Shorten()
    {
        var members = this.ToDictionary(member => member.Key, member => JsonSerializer.SerializeToUtf8Bytes(member.Value, Json), StringComparer.Ordinal);
        foreach (var (name, value) in members.OrderByDescending(member => member.Value.Length).ToList())
        {
            if (members.Sum(member => member.Key.Length + member.Value.Length) <= MaxBytes)
                break;
            members[name] = JsonSerializer.SerializeToUtf8Bytes(new { bytes = value.Length, sha256 = Convert.ToHexStringLower(SHA256.HashData(value)) });
        }

        return JsonSerializer.Serialize(
            members.ToDictionary(member => member.Key, member => JsonSerializer.Deserialize<JsonElement>(member.Value), StringComparer.Ordinal), Json);
    }
}
