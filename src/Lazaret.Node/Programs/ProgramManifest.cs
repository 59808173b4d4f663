using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Programs;

/// <summary>What every visiting program says of itself: what it is, where its image lies, what bounds it keeps.</summary>
public record ProgramManifest
{
    /// <summary>What a requester names.</summary>
    public required string Key { get; init; }

    public required string Name { get; init; }

    public required ProgramVersion Version { get; init; }

    /// <summary>The image, relative to the manifest: a root folder, an OCI layout or its archive, or a squashfs file.</summary>
    public required string Image { get; init; }

    /// <summary>The signature over the image's digest, relative to the manifest.</summary>
    public string? Signature { get; init; }

    /// <summary>The program, as an absolute path inside the image, and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public required SandboxLimits Limits { get; init; }
}
