using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Audit.Chain.Archives;

/// <summary>A line of an archive: an entry with its columns as they were hashed, and its link. A line with a signature is a checkpoint, as in <see cref="CheckpointText"/>.</summary>
internal sealed record ArchivedLink(
    [property: JsonPropertyName("link")] long Number,
    [property: JsonPropertyName("hash")] string Hash,
    [property: JsonPropertyName("sequence")] long Sequence,
    [property: JsonPropertyName("at")] string? At,
    [property: JsonPropertyName("actor")] string? Actor,
    [property: JsonPropertyName("action")] string? Action,
    [property: JsonPropertyName("job")] string? Job,
    [property: JsonPropertyName("detail")] string? Detail,
    [property: JsonPropertyName("proof")] string? Proof)
{
    private const int ProofColumn = 5;

    public static ArchivedLink Of(AuditLink link, StoredEntry entry) => new(
        link.Number,
        Convert.ToHexStringLower(link.Hash),
        link.Sequence,
        Text(entry, 0),
        Text(entry, 1),
        Text(entry, 2),
        Text(entry, 3),
        Text(entry, 4),
        entry.Columns[ProofColumn] is { } proof ? Convert.ToBase64String(proof) : null);

    /// <summary>Null where the line is none.</summary>
    public static ArchivedLink? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<ArchivedLink>(line) is { Hash: not null } link ? link : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public string Write() => JsonSerializer.Serialize(this);

    /// <summary>Whether its hash follows the one before.</summary>
    public bool Follows(byte[] previous)
    {
        try
        {
            IReadOnlyList<byte[]?> columns = [Bytes(At), Bytes(Actor), Bytes(Action), Bytes(Job), Bytes(Detail), Proof is null ? null : Convert.FromBase64String(Proof)];
            return Hash == Convert.ToHexStringLower(LinkHash.Of(Number, previous, new StoredEntry(Sequence, columns)));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string? Text(StoredEntry entry, int column) => entry.Columns[column] is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    private static byte[]? Bytes(string? text) => text is null ? null : Encoding.UTF8.GetBytes(text);
}
