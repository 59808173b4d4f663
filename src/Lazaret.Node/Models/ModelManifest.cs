using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Models;

/// <summary>What a model says of itself: what it is, what it needs, what bounds it keeps, what it answers.</summary>
public sealed record ModelManifest
{
    /// <summary>What a requester names as target.</summary>
    public required string Key { get; init; }

    public required string Name { get; init; }

    public required ModelVersion Version { get; init; }

    /// <summary>In [0, 1], by its maker's own account: of the versions whose needs are met the most accurate one runs.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The image, relative to the manifest: a root folder.</summary>
    public required string Image { get; init; }

    /// <summary>The signature over the image's digest, relative to the manifest.</summary>
    public string? Signature { get; init; }

    /// <summary>The program, as an absolute path inside the image, and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlyList<Requirement> Requirements { get; init; }

    public required SandboxLimits Limits { get; init; }

    /// <summary>The members of the model's answer, in order. Nothing else leaves.</summary>
    public required IReadOnlyDictionary<string, OutputField> Output { get; init; }
}
