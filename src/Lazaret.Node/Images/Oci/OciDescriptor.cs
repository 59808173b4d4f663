using System.Text.Json;
using System.Text.RegularExpressions;

namespace Lazaret.Node.Images.Oci;

/// <summary>A reference to a blob, by what it must be (OCI image specification 1.1, descriptor).</summary>
internal sealed partial record OciDescriptor(string MediaType, string Digest, long Size)
{
    /// <summary><c>os/architecture</c>; null where it is not said.</summary>
    public string? Platform { get; private init; }

    /// <summary>Whether the blob is also stored elsewhere: a foreign layer.</summary>
    public bool IsForeign { get; private init; }

    public string File => $"blobs/sha256/{Digest["sha256:".Length..]}";

    /// <exception cref="InvalidDataException">It is none.</exception>
    public static OciDescriptor Read(JsonElement element)
    {
        var digest = Text(element, "digest");
        if (!DigestForm().IsMatch(digest))
            throw OciFault.Layout("names a blob by another digest than sha256");
        if (!element.TryGetProperty("size", out var size) || size.ValueKind != JsonValueKind.Number || !size.TryGetInt64(out var bytes) || bytes < 0)
            throw OciFault.Layout("names a blob without its size");
        return new OciDescriptor(Text(element, "mediaType"), digest, bytes)
        {
            Platform = element.TryGetProperty("platform", out var platform) ? $"{Text(platform, "os")}/{Text(platform, "architecture")}" : null,
            IsForeign = element.TryGetProperty("urls", out var urls) && urls is { ValueKind: JsonValueKind.Array } && urls.GetArrayLength() > 0,
        };
    }

    internal static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
            ? Text(value)
            : throw OciFault.Layout($"has no {name} where one belongs");

    internal static string Text(JsonElement value)
    {
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException e)
        {
            // No string, or one that is no Unicode.
            throw OciFault.Layout("has something else where a text belongs", e);
        }
    }

    internal static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray()
            : throw OciFault.Layout($"has no {name} where they belong");

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z", RegexOptions.None, 1000)]
    private static partial Regex DigestForm();
}
