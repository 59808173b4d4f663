using System.Text.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>One entry with a resource, at its place in the bundle.</summary>
internal sealed record BundleEntry(int Index, string? FullUrl, string Type, JsonElement Resource, bool HasModifier)
{
    /// <summary><c>Type/id</c>, when the resource has an id.</summary>
    public string? TypeAndId => Resource.Text("id") is { } id ? $"{Type}/{id}" : null;

    /// <summary>What references to it resolve to.</summary>
    public string Identity => FullUrl ?? TypeAndId ?? Place;

    /// <summary>What a person calls it.</summary>
    public string Source => IsUrn ? FullUrl! : TypeAndId ?? FullUrl ?? Place;

    /// <summary>The server's root, with its last slash, when the fullUrl is a RESTful one.</summary>
    public string? Base =>
        FullUrl is not null && !IsUrn && TypeAndId is { } tail && FullUrl.EndsWith("/" + tail, StringComparison.Ordinal)
            ? FullUrl[..^tail.Length]
            : null;

    private bool IsUrn => FullUrl?.StartsWith("urn:", StringComparison.Ordinal) == true;

    private string Place => $"Bundle.entry[{Index}]";
}
