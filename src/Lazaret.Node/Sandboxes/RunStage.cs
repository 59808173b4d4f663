using System.ComponentModel;
using System.Text;
using static Lazaret.Node.Sandboxes.LinuxCalls;

namespace Lazaret.Node.Sandboxes;

/// <summary>
/// The folders of a run, laid out before its sandbox starts. They are mounted below one tmpfs in a mount namespace that the host does not
/// see and that ends with the last one in it: there is nothing to clean up.
/// <list type="table">
/// <item><term>root</term><description>the program's root: its image and, above it, the empty folders and files that something is to be
/// mounted on. An overlay of two read-only layers;</description></item>
/// <item><term>mount0, mount1, …</term><description>the folders of the run's mounts. Bound here rather than by the sandbox, because a
/// dropped user id may not be able to walk to where they come from: a node under /root would find nothing;</description></item>
/// <item><term>work, tmp, shm</term><description>the program's own, each a tmpfs with its limits;</description></item>
/// <item><term>in</term><description>the inputs, laid in last.</description></item>
/// </list>
/// </summary>
/// <param name="run">What is to be run.</param>
/// <param name="owner">The user id that work, tmp and shm belong to; null: whoever mounts them.</param>
internal sealed class RunStage(SandboxRun run, int? owner)
{
    /// <summary>A folder that every Linux has, and nothing here needs.</summary>
    public const string Folder = "/sys/kernel";

    public const string Root = $"{Folder}/root";
    public const string Work = $"{Folder}/work";
    public const string Temporary = $"{Folder}/tmp";
    public const string SharedMemory = $"{Folder}/shm";
    public const string Inputs = $"{Folder}/in";

    /// <summary>For what a sandbox needs of its own.</summary>
    public const string Own = $"{Folder}/own";

    /// <summary>An empty folder.</summary>
    public const string Nothing = $"{Folder}/nothing";

    private const string Image = $"{Folder}/image";
    private const string Skeleton = $"{Folder}/skeleton";

    /// <summary>
    /// Files and folders of <c>/proc</c> in which the kernel tells everybody what concerns the host, or counts what a program could drive up
    /// for the next one to read; what root alone can read is hidden as it is. Each costs every run some 0.1 ms.
    /// </summary>
    public static IReadOnlyList<string> Masked { get; } =
    [
        .. ((string[])
        [
            "acpi", "asound", "cmdline", "config.gz", "diskstats", "driver", "fs", "interrupts", "kallsyms", "kcore", "key-users", "keys",
            "latency_stats", "modules", "pressure", "sched_debug", "scsi", "softirqs", "sys/fs", "timer_list", "timer_stats", "vmstat", "zoneinfo",
        ]).Select(name => $"/proc/{name}").Where(path => Path.Exists(path) && (File.GetUnixFileMode(path) & UnixFileMode.OtherRead) != 0),
    ];

    /// <summary>
    /// Gives the calling thread, and what it starts, a mount and a network namespace, and lays everything out there. The loopback stays down.
    /// </summary>
    /// <exception cref="SandboxException">This machine forbids it.</exception>
    public void Mount()
    {
        try
        {
            Unshare(Namespaces.Mount | Namespaces.Network);
            MountAll();
        }
        catch (Win32Exception e)
        {
            throw new SandboxException(e.Message, e);
        }
    }

    /// <summary>The options of the tmpfs that holds it all. The program writes nothing there, so that its size is that of the inputs.</summary>
    public string Options => FormattableString.Invariant($"mode=0755,nr_inodes={run.Inputs.Count + (32 * run.Mounts.Count) + 128}");

    /// <summary>The folders that are made before anything else is mounted.</summary>
    public IEnumerable<string> Folders() =>
    [
        Work, Temporary, SharedMemory, Inputs, Own, Nothing, Root, Image,
        $"{Skeleton}/work", $"{Skeleton}/tmp", $"{Skeleton}/proc", $"{Skeleton}/dev/shm",
        .. run.Mounts.SelectMany((mount, i) => (string[])
        [
            FormattableString.Invariant($"{Folder}/mount{i}"),
            Skeleton + (Directory.Exists(mount.Source) ? mount.Target : Path.GetDirectoryName(mount.Target)),
        ]),
    ];

    /// <summary>The mount points that are files.</summary>
    public IEnumerable<string> Files() => from mount in run.Mounts where !Directory.Exists(mount.Source) select Skeleton + mount.Target;

    /// <summary>The same as <see cref="Mount"/> does after folders and files, as an fstab.</summary>
    public string Table() => string.Concat(Mounts().Select(mount =>
        $"{Escaped(mount.Source)} {mount.Target} {(mount.Type is null ? "none rbind" : $"{mount.Type} nosuid,nodev,{mount.Options}")} 0 0\n"));

    /// <summary>Where the source of a mount of the run is found.</summary>
    public string SourceOf(int mount)
    {
        var folder = FormattableString.Invariant($"{Folder}/mount{mount}");
        return Directory.Exists(run.Mounts[mount].Source) ? folder : $"{folder}/{Path.GetFileName(run.Mounts[mount].Source)}";
    }

    /// <summary>Makes the inputs in a folder, empty yet: they are mount points by name, and their bytes come last.</summary>
    public StageInputs MakeInputs(string folder) => new(folder, run.Inputs.Keys);

    private void MountAll()
    {
        LinuxCalls.Mount("none", "/", null, MountOptions.Private | MountOptions.Recursive);
        LinuxCalls.Mount("lazaret", Folder, "tmpfs", MountOptions.NoSetUid | MountOptions.NoDevices, Options);
        foreach (var folder in Folders())
            Directory.CreateDirectory(folder);
        foreach (var file in Files())
            File.WriteAllBytes(file, []);
        foreach (var (source, target, type, options) in Mounts())
        {
            LinuxCalls.Mount(
                source, target, type, type is null ? MountOptions.Bind | MountOptions.Recursive : MountOptions.NoSetUid | MountOptions.NoDevices, options);
            if (type is null)
                MakeReadOnly(target);
        }
    }

    private IEnumerable<(string Source, string Target, string? Type, string? Options)> Mounts() =>
    [
        Tmpfs(Work, run.Limits.Work, run.Limits.Inodes + run.Inputs.Count),
        Tmpfs(Temporary, run.Limits.Temp, run.Limits.Inodes),
        Tmpfs(SharedMemory, run.Limits.Temp, run.Limits.Inodes),
        (Path.GetFullPath(run.Root), Image, null, null),
        ("lazaret", Root, "overlay", $"lowerdir={Skeleton}:{Image}"),
        .. run.Mounts.Select((mount, i) => (FolderOf(mount), FormattableString.Invariant($"{Folder}/mount{i}"), (string?)null, (string?)null)),
    ];

    private (string Source, string Target, string? Type, string? Options) Tmpfs(string target, long size, int inodes) => (
        "lazaret", target, "tmpfs", FormattableString.Invariant($"mode=0700,size={size},nr_inodes={inodes + 1}{(owner is { } id ? $",uid={id},gid={id}" : "")}"));

    private static string FolderOf(ReadOnlyMount mount) =>
        Directory.Exists(mount.Source) ? Path.GetFullPath(mount.Source) : Path.GetDirectoryName(Path.GetFullPath(mount.Source))!;

    private static string Escaped(string path) => new StringBuilder(path)
        .Replace(@"\", @"\134").Replace(" ", @"\040").Replace("\t", @"\011").Replace("\n", @"\012").ToString();
}
