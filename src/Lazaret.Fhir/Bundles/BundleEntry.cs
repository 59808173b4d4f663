using System.Text.Json;

namespace Lazaret.Fhir.Bundles;

/// <summary>One entry with a resource, at its place in the bundle. What references look up in it is read once.</summary>
internal sealed class BundleEntry
{
    private Dictionary<string, CodedResource>? _contained;

    public BundleEntry(string place, string? fullUrl, string type, JsonElement resource, bool hasModifier)
    {
        (Place, FullUrl, Type, Resource, HasModifier) = (place, fullUrl, type, resource, hasModifier);
        Itself = new CodedResource(resource);
        TypeAndId = resource.Text("id") is { } id ? $"{type}/{id}" : null;
        var isUrn = fullUrl?.StartsWith("urn:", StringComparison.Ordinal) == true;
        Identity = fullUrl ?? TypeAndId ?? place;
        Source = isUrn ? fullUrl! : TypeAndId ?? fullUrl ?? place;
        Base = !isUrn && TypeAndId is { } tail && fullUrl?.EndsWith("/" + tail, StringComparison.Ordinal) == true ? fullUrl[..^tail.Length] : null;
    }

    /// <summary><c>Bundle.entry[3]</c>.</summary>
    public string Place { get; }

    /// <summary>False where a fault leaves open what the resource says, which by its codes nobody asks for.</summary>
    public bool IsRead { get; init; } = true;

    public string? FullUrl { get; }

    public string Type { get; }

    public JsonElement Resource { get; }

    public CodedResource Itself { get; }

    public bool HasModifier { get; }

    /// <summary><c>Type/id</c>, when the resource has an id.</summary>
    public string? TypeAndId { get; }

    /// <summary>What references to it resolve to.</summary>
    public string Identity { get; }

    /// <summary>What a person calls it.</summary>
    public string Source { get; }

    /// <summary>The server's root, with its last slash, when the fullUrl is a RESTful one.</summary>
    public string? Base { get; }

    /// <summary>The contained resource of that id.</summary>
    public CodedResource? Contained(string id)
    {
        if (_contained is null)
        {
            _contained = new(StringComparer.Ordinal);
            foreach (var item in Resource.Items("contained"))
                _contained.TryAdd(item.Text("id") ?? "", new CodedResource(item));
        }

        return _contained.GetValueOrDefault(id);
    }
}

/// <summary>A resource that others take their codes from: all of them get the same list.</summary>
internal sealed class CodedResource(JsonElement resource)
{
    private IReadOnlyList<Coding>? _codes;

    public string? Type => resource.Text("resourceType");

    public IReadOnlyList<Coding> Codes => _codes ??= resource.Codings("code");
}
