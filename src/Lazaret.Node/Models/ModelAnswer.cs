using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Models;

/// <summary>The registered models.</summary>
internal sealed record ModelListing(
    [property: JsonPropertyName("models"), Description("the most accurate version of each first")] IReadOnlyList<ModelAnswer> Models);

/// <summary>The versions of one model.</summary>
internal sealed record ModelVersions(
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("versions"), Description("the most accurate first")] IReadOnlyList<ModelAnswer> Versions);

/// <summary>A version of a model, as those who write to it see it.</summary>
internal sealed record ModelAnswer(
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("accuracy")] double Accuracy,
    [property: JsonPropertyName("digest"), Description("of its image")] string Digest,
    [property: JsonPropertyName("signed_by")] string? SignedBy,
    [property: JsonPropertyName("requires")] IReadOnlyList<RequiredDatum> Requires,
    [property: JsonPropertyName("output"), Description("the members of its result")] IReadOnlyList<string> Output,
    [property: JsonPropertyName("available"), Description("whether its image is on the node; requests for a model without any available version are answered 503")] bool Available)
{
    public static ModelAnswer Of(Model model, bool available) => new(
        model.Manifest.Key,
        model.Manifest.Name,
        model.Manifest.Version.ToString(),
        model.Manifest.Accuracy,
        model.Row.Digest,
        model.Row.SignedBy,
        [.. model.Manifest.Requirements.Select(RequiredDatum.Of)],
        [.. model.Manifest.Output.Keys],
        available);
}
