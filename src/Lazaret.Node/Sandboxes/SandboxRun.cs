using Lazaret.Node.Sandboxes.Confinement;

namespace Lazaret.Node.Sandboxes;

/// <summary>What is to be run, on which inputs, within which bounds. It names no backend.</summary>
public sealed record SandboxRun
{
    /// <summary>Names the run in the host's process list, cgroups and folders: the run's id, never anything about a patient.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// A folder of the host that becomes the program's read-only root. Its first-level <c>work</c>, <c>data</c>, <c>tmp</c>, <c>proc</c>
    /// and <c>dev</c> are hidden by the sandbox's own. Like every mount it must be readable by others when the node runs as root.
    /// </summary>
    public required string Root { get; init; }

    /// <summary>The program, as a path below <see cref="Root"/>, and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>
    /// The run's own variables. They depend on where its folders are, since a backend without a mount namespace puts them elsewhere. <see cref="EnvironmentAt"/>
    /// adds HOME and what .NET needs.
    /// </summary>
    public required Func<SandboxPaths, IReadOnlyDictionary<string, string>> Environment { get; init; }

    /// <summary>The files laid into the work folder before the start, read only, by name.</summary>
    public required IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Inputs { get; init; }

    /// <summary>The one file of the work folder that is read back.</summary>
    public required string Output { get; init; }

    /// <summary>The folders of the host that the program may read.</summary>
    public IReadOnlyList<ReadOnlyMount> Mounts { get; init; } = [];

    public SandboxLimits Limits { get; init; } = new();

    /// <summary>Whether the program is the node's own, as a probe or a virtual machine's monitor, and no visiting program: it may run without a control group.</summary>
    internal bool IsOurs { get; init; }

    /// <summary>
    /// Host files that the program could probe for pages in the page cache: root and mounts by default. All are loaded into memory before the run
    /// (<see cref="PageCache"/>).
    /// </summary>
    internal IReadOnlyList<string> Reach
    {
        get => field ?? [.. Mounts.Select(mount => mount.Source).Prepend(Root).Distinct(StringComparer.Ordinal)];
        init;
    }

    /// <summary>Devices of the host that the program may use: /dev/kvm, when it is a virtual machine. bubblewrap alone gives them.</summary>
    internal IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>
    /// The program's environment, a home that it can write, and what .NET needs to know of its limits, since it would otherwise see the host's.
    /// </summary>
    internal Dictionary<string, string> EnvironmentAt(SandboxPaths paths) => new(Environment(paths), StringComparer.Ordinal)
    {
        ["HOME"] = "/tmp",
        // Hexadecimal. The rest is for what is not the collected heap: code, stacks, the runtime.
        ["DOTNET_GCHeapHardLimit"] = FormattableString.Invariant($"{Limits.Memory / 4 * 3:x}"),
        ["DOTNET_PROCESSOR_COUNT"] = FormattableString.Invariant($"{(int)Math.Ceiling(Limits.Cpus)}"),
        ["DOTNET_EnableDiagnostics"] = "0",
        // Would reserve 2 GiB in a file of memory, over the limit on files.
        ["DOTNET_EnableWriteXorExecute"] = "0",
        ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = "/tmp",
    };

    /// <exception cref="ArgumentException">The caller named something that no program could be given.</exception>
    internal static void Check(SandboxRun run)
    {
        if (run.Command is not [['/', ..], ..])
            throw new ArgumentException($"The program must be a path below the root that starts with a slash: {string.Join(' ', run.Command)}", nameof(run));
        foreach (var name in run.Inputs.Keys.Append(run.Output).Append(run.Id))
        {
            if (name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0'))
                throw new ArgumentException($"'{name}' is no file name.", nameof(run));
        }

        foreach (var mount in run.Mounts)
        {
            if (!Path.IsPathFullyQualified(mount.Source) || !Path.IsPathFullyQualified(mount.Target))
                throw new ArgumentException($"A mount needs absolute paths: {mount.Source} at {mount.Target}", nameof(run));
        }
    }
}

/// <summary>Where the program finds its folders: <c>/work</c> and <c>/data</c>, unless the backend has no mount namespace.</summary>
public sealed record SandboxPaths(string Work, string Data)
{
    /// <summary>Where every backend that isolates puts them.</summary>
    public static SandboxPaths Mounted { get; } = new("/work", "/data");
}

/// <summary>
/// A folder or file of the host, seen read only at <paramref name="Target"/> inside, which must not lie in a folder of the root.
/// </summary>
public sealed record ReadOnlyMount(string Source, string Target)
{
    /// <summary>Whether the source is mounted only where no link is on the way to it, so that nobody can exchange it for another folder.</summary>
    public bool IsExact { get; init; }
}
