using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Lazaret.Cohort.Files;

namespace Lazaret.Node.Keys;

/// <summary>
/// The keys of a node: the primary seals, all of them open. As JSON
/// <c>{"primary":"ID","keys":[{"id":"ID","created":"2026-11-23T00:00:00Z","secret":"32 bytes in base64"}]}</c>.
/// </summary>
public sealed partial class KeyRing
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };

    private KeyRing(RingKey primary, IReadOnlyList<RingKey> keys)
    {
        Primary = primary;
        Keys = keys;
    }

    public RingKey Primary { get; }

    /// <summary>All of them, the primary included.</summary>
    public IReadOnlyList<RingKey> Keys { get; }

    public static KeyRing Make(DateTimeOffset now)
    {
        var key = RingKey.Make(now);
        return new KeyRing(key, [key]);
    }

    /// <param name="place">Where it was read, for the message.</param>
    /// <exception cref="InputException">It is none; what is said quotes nothing of it.</exception>
    public static KeyRing Parse(ReadOnlyMemory<byte> json, string place)
    {
        RingDocument ring;
        try
        {
            ring = JsonSerializer.Deserialize<RingDocument>(Utf8Text.WithoutMark(json).Span, Json) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new InputException($"{place}: is no key ring{(e.Path is { } path ? $" (at {path})" : "")}");
        }

        var faults = new List<string>();
        foreach (var key in ring.Keys.Index())
        {
            if (!IsId(key.Item.Id))
                faults.Add($"{place}: keys[{key.Index}].id: must be 1 to 64 letters, digits, dots, dashes or underscores");
            if (key.Item.Secret.Length != RingKey.Length)
                faults.Add($"{place}: keys[{key.Index}].secret: must be {RingKey.Length} bytes in base64");
        }

        if (ring.Keys.Select(key => key.Id).Distinct(StringComparer.Ordinal).Count() < ring.Keys.Count)
            faults.Add($"{place}: keys: an id is there twice");
        var primary = ring.Keys.FirstOrDefault(key => key.Id == ring.Primary);
        if (primary is null)
            faults.Add($"{place}: primary: is not the id of one of the keys");
        return faults.Count == 0 ? new KeyRing(primary!, ring.Keys) : throw new InputException(string.Join('\n', faults));
    }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(new RingDocument(Primary.Id, Keys), Json);

    public RingKey? Find(string id) => Keys.FirstOrDefault(key => key.Id == id);

    /// <summary>A new primary; the keys so far still open what they sealed.</summary>
    public KeyRing Rotate(DateTimeOffset now)
    {
        var key = RingKey.Make(now);
        return new KeyRing(key, [.. Keys, key]);
    }

    /// <summary>The primary alone: what the other keys sealed is lost.</summary>
    public KeyRing Retire() => new(Primary, [Primary]);

    internal static bool IsId(string id) => Id().IsMatch(id);

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}\\z", RegexOptions.None, 1000)]
    private static partial Regex Id();

    private sealed record RingDocument(string Primary, IReadOnlyList<RingKey> Keys);
}
