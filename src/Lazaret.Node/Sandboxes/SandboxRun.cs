namespace Lazaret.Node.Sandboxes;

/// <summary>What is to be run, on which inputs, within which bounds. It names no backend.</summary>
public sealed record SandboxRun
{
    /// <summary>Names the run in the host's process list, cgroups and folders: the run's id, never anything about a patient.</summary>
    public required string Id { get; init; }

    /// <summary>A folder of the host that becomes the program's read-only root.</summary>
    public required string Root { get; init; }

    /// <summary>The program, as a path below <see cref="Root"/>, and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The program's whole environment, told where its folders are: a backend without a mount namespace puts them elsewhere.</summary>
    public required Func<SandboxPaths, IReadOnlyDictionary<string, string>> Environment { get; init; }

    /// <summary>The files laid into the work folder before the start, read only, by name.</summary>
    public required IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Inputs { get; init; }

    /// <summary>The one file of the work folder that is read back.</summary>
    public required string Output { get; init; }

    /// <summary>The folders of the host that the program may read.</summary>
    public IReadOnlyList<ReadOnlyMount> Mounts { get; init; } = [];

    public SandboxLimits Limits { get; init; } = new();
}

/// <summary>Where the program finds its folders: <c>/work</c> and <c>/data</c>, unless the backend has no mount namespace.</summary>
public sealed record SandboxPaths(string Work, string Data);

/// <summary>A folder or file of the host, seen read only at <paramref name="Target"/> inside.</summary>
public sealed record ReadOnlyMount(string Source, string Target);
