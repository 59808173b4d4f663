namespace Lazaret.Node.Sandboxes.Oci;

/// <summary>A program that runs containers out of bundles, as the Open Container Initiative's runtime specification describes them.</summary>
/// <param name="Name">Of the program.</param>
/// <param name="Options">What stands before <c>run</c>, beside where state and log go.</param>
internal sealed record OciRuntime(string Name, IReadOnlyList<string> Options)
{
    /// <summary>The file of its own messages, beside the bundle.</summary>
    public const string Log = "log";

    /// <summary>Processes and threads of its own among the program's.</summary>
    public required int OwnProcesses { get; init; }

    /// <summary>How many of the host's processes and threads stand for one of the program's.</summary>
    public int ProcessesForOne { get; init; } = 1;

    /// <summary>Memory of its own beside the program's.</summary>
    public required long OwnMemory { get; init; }

    /// <summary>The hierarchy of control groups of version 1 without which it does not start. The node has made all the groups that the run needs.</summary>
    public string? NeedsHierarchy { get; init; }

    /// <summary>
    /// System calls that are not in its filter, since it refuses them by itself. runsc's filter has the error EPERM for all, and a C library falls back from clone3,
    /// which runsc does not have, on ENOSYS alone.
    /// </summary>
    public IReadOnlyList<string> Unfiltered { get; init; } = [];

    /// <summary>
    /// Whether it is asked to remount the root read only, which the stage's is already. runsc forgets the flags nosuid and nodev then, and
    /// a user namespace may not take them off.
    /// </summary>
    public bool RemountsRoot { get; init; } = true;

    public static OciRuntime Crun { get; } = new("crun", ["--cgroup-manager=disabled"])
    {
        OwnProcesses = 4,
        OwnMemory = 8 << 20,
    };

    public static OciRuntime Runc { get; } = new("runc", [])
    {
        OwnProcesses = 32,
        OwnMemory = 48 << 20,
        NeedsHierarchy = "devices",
    };

    /// <summary>gVisor: a kernel in user space between the program and the host's.</summary>
    public static OciRuntime Runsc { get; } = new(
        "runsc",
        ["--platform=ptrace", "--network=none", "--ignore-cgroups", "--oci-seccomp"])
    {
        OwnProcesses = 128,
        OwnMemory = 128 << 20,
        ProcessesForOne = 8,
        Unfiltered = ["clone3"],
        RemountsRoot = false,
    };

    /// <summary>The arguments that run the bundle of a folder, with state and log beside it.</summary>
    public IEnumerable<string> Arguments(string folder, string id)
    {
        var log = $"{folder}/{Log}";
        return
        [
            "--root", $"{folder}/state", "--log", this == Crun ? $"file:{log}" : log, "--log-format", "json", .. Options,
            "run", "--bundle", folder, id,
        ];
    }
}
