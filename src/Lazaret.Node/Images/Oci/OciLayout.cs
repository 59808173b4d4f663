using System.Text.Json;
using System.Text.RegularExpressions;
using Lazaret.Fhir.Bundles;

namespace Lazaret.Node.Images.Oci;

/// <summary>
/// The one image for this machine in an OCI layout (OCI image specification 1.1), down to its layers, which are not read yet. The digest
/// and size of every blob are checked. Docker's media types are read like the OCI types that followed them.
/// </summary>
internal sealed partial class OciLayout
{
    /// <summary>The file by which a layout is known.</summary>
    public const string Marker = "oci-layout";

    private const string Platform = "linux/amd64";
    private const int MaxDocument = 4 << 20;
    private const int MaxNesting = 3;
    private const int MaxIndices = 64;
    private const int MaxReferences = 10_000;
    private const int MaxVariables = 256;
    private const int MaxEnvironment = 32 << 10;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    private static readonly string[] Indices = ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
    private static readonly string[] Manifests = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
    private static readonly string[] Configurations = ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

    private readonly OciFiles _files;

    /// <summary>The digests of the indices that were read: each is read once, however often it is named.</summary>
    private readonly HashSet<string> _indices = new(StringComparer.Ordinal);
    private int _references;

    /// <exception cref="InvalidDataException">There is not exactly one image for this machine, or it is not what it says.</exception>
    public OciLayout(OciFiles files, ImageLimits limits)
    {
        _files = files;
        using var marker = Parse(Marker);
        if (OciDescriptor.Text(marker.RootElement, "imageLayoutVersion") is var version && !version.StartsWith("1.", StringComparison.Ordinal))
            throw OciFault.Version(version);
        using var index = Parse("index.json");
        OciDescriptor[] images = [.. ImagesOf(index.RootElement, MaxNesting).DistinctBy(image => image.Digest)];
        if (images is not [var image])
            throw OciFault.Layout($"holds {images.Length} images for {Platform}, and must hold one: 'skopeo copy oci:LAYOUT:TAG oci:ONE' takes one out");
        Digest = image.Digest;

        using var manifest = Parse(image);
        // One reader would take such a document for a manifest, and another for an index.
        if (manifest.RootElement.TryGetProperty("manifests", out _))
            throw OciFault.Layout("holds a manifest that is an index, too");
        Layers = [.. OciDescriptor.Items(manifest.RootElement, "layers").Select(OciDescriptor.Read)];
        if (Layers.Count == 0 || Layers.Count > limits.Layers)
            throw OciFault.Image($"has {Layers.Count} layers; 1 to {limits.Layers} are read");

        var configuration = OciDescriptor.Read(manifest.RootElement.TryGetProperty("config", out var config) ? config : default);
        if (!Configurations.Contains(configuration.MediaType))
            throw OciFault.Configuration($"is of the type {ImagePath.Shown(configuration.MediaType)}: it is no program to run");
        using var document = Parse(configuration);
        var platform = $"{OciDescriptor.Text(document.RootElement, "os")}/{OciDescriptor.Text(document.RootElement, "architecture")}";
        if (platform != Platform)
            throw OciFault.Image($"is for {ImagePath.Shown(platform)}; this machine is {Platform}");
        ContentDigests = [.. OciDescriptor.Items(document.RootElement.TryGetProperty("rootfs", out var root) ? root : default, "diff_ids").Select(OciDescriptor.Text)];
        if (ContentDigests.Count != Layers.Count)
            throw OciFault.Configuration("speaks of other layers than its manifest");
        Environment = ReadEnvironment(document.RootElement);
    }

    /// <summary>Of the image's manifest: what <c>skopeo inspect</c> shows and <c>cosign sign</c> signs.</summary>
    public string Digest { get; }

    public IReadOnlyList<OciDescriptor> Layers { get; }

    /// <summary>Of each layer, uncompressed.</summary>
    public IReadOnlyList<string> ContentDigests { get; }

    public IReadOnlyDictionary<string, string> Environment { get; }

    private IEnumerable<OciDescriptor> ImagesOf(JsonElement index, int nesting)
    {
        foreach (var descriptor in OciDescriptor.Items(index, "manifests").Select(OciDescriptor.Read))
        {
            if (++_references > MaxReferences)
                throw OciFault.Layout($"holds more than {MaxReferences} references");
            if (descriptor.Platform is not null and not Platform)
                continue;
            if (Manifests.Contains(descriptor.MediaType))
            {
                yield return descriptor;
            }
            else if (Indices.Contains(descriptor.MediaType))
            {
                if (!_indices.Add(descriptor.Digest))
                    continue;
                if (nesting == 0)
                    throw OciFault.Layout("holds indices nested too deep");
                if (_indices.Count > MaxIndices)
                    throw OciFault.Layout($"holds more than {MaxIndices} indices");
                using var inner = Parse(descriptor);
                foreach (var image in ImagesOf(inner.RootElement, nesting - 1).ToList())
                    yield return image;
            }
        }
    }

    private static Dictionary<string, string> ReadEnvironment(JsonElement configuration)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!configuration.TryGetProperty("config", out var config) || config.ValueKind != JsonValueKind.Object
            || !config.TryGetProperty("Env", out var variables) || variables.ValueKind == JsonValueKind.Null)
            return environment;
        foreach (var variable in OciDescriptor.Items(config, "Env").Select(OciDescriptor.Text))
        {
            if (VariableForm().Match(variable) is not { Success: true } match)
                throw OciFault.Configuration("sets a variable of the environment that is none");
            environment[match.Groups[1].Value] = match.Groups[2].Value;
        }

        return environment.Count <= MaxVariables && environment.Sum(variable => variable.Key.Length + variable.Value.Length) <= MaxEnvironment
            ? environment
            : throw OciFault.Configuration("sets too large an environment");
    }

    private JsonDocument Parse(OciDescriptor descriptor)
    {
        if (descriptor.Size > MaxDocument)
            throw OciFault.Layout($"holds a document of more than {MaxDocument >> 20} MiB");
        using var blob = OpenBlob(_files, descriptor);
        var document = Parse(blob, descriptor.Digest);
        Verify(blob, descriptor);
        return document;
    }

    private JsonDocument Parse(string name)
    {
        using var file = new MeteredStream(
            _files.Open(name) ?? throw OciFault.Lacks(name),
            $"{name} is larger than {MaxDocument >> 20} MiB")
        { Limit = MaxDocument };
        return Parse(file, name);
    }

    private static JsonDocument Parse(Stream stream, string name)
    {
        try
        {
            return JsonDocument.Parse(stream, Strict);
        }
        catch (JsonException e)
        {
            throw OciFault.File(name, "is no JSON that can be read", e);
        }
    }

    /// <summary>A blob, read no further than its size.</summary>
    internal static MeteredStream OpenBlob(OciFiles files, OciDescriptor descriptor) =>
        new(files.Open(descriptor.File) ?? throw OciFault.Layout($"lacks the blob {descriptor.Digest}"), $"the blob {descriptor.Digest} is larger than it should be")
        {
            Limit = descriptor.Size,
        };

    /// <summary>Checks the size and digest of a blob that was read to its end.</summary>
    internal static void Verify(MeteredStream blob, OciDescriptor descriptor)
    {
        if (blob.Count != descriptor.Size || blob.Digest != descriptor.Digest)
            throw OciFault.Blob(descriptor.Digest, "is not what its digest says");
    }

    [GeneratedRegex(@"\A([A-Za-z_][A-Za-z0-9_]*)=([^\x00-\x1f\x7f]*)\z", RegexOptions.None, 1000)]
    private static partial Regex VariableForm();
}
