using System.ComponentModel;
using System.Text;
using Lazaret.Node.Linux;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// The folders of a run, laid out before its sandbox starts. They are mounted below one tmpfs in a mount namespace that the host does not
/// see and that ends with the last one in it: there is nothing to clean up.
/// <list type="table">
/// <item><term>root</term><description>the program's root: its image and, above it, the empty folders and files that something is to be
/// mounted on, an overlay of two read-only layers; and on those the run's mounts. They are mounted here rather than by the sandbox, because
/// a dropped user id may not be able to walk to where they come from, and because bubblewrap would look at every mount for every
/// mount;</description></item>
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

    /// <summary>Folders of the program's own, which hide what the root has there.</summary>
    private static readonly string[] OwnFolders = ["/work/", "/tmp/", "/dev/shm/"];

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
            // Whatever the node's: others walk through what is made here. With its mount namespace the thread has got a umask of its own.
            SetUmask(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
            MountAll();
            CheckExact(place: "");
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
        .. run.Mounts.Select(mount => Skeleton + (Directory.Exists(mount.Source) ? mount.Target : Path.GetDirectoryName(mount.Target))).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>The mount points that are files.</summary>
    public IEnumerable<string> Files() => from mount in run.Mounts where !Directory.Exists(mount.Source) select Skeleton + mount.Target;

    /// <summary>The same as <see cref="Mount"/> does after folders and files, as an fstab.</summary>
    public string Table() => string.Concat(Mounts().Select(mount =>
        $"{Escaped(mount.Source)} {mount.Target} {(mount.Type is null ? "none rbind" : $"{mount.Type} nosuid,nodev,{mount.Options}")} 0 0\n"));

    /// <summary>Paths below <see cref="Root"/> that hold mounts of the run in folders of the program's own: to be shown there again.</summary>
    public IEnumerable<string> Hidden() => (
        from mount in run.Mounts
        from folder in OwnFolders
        where mount.Target.StartsWith(folder, StringComparison.Ordinal)
        select folder + mount.Target[folder.Length..].Split('/')[0]).Distinct(StringComparer.Ordinal);

    /// <summary>
    /// Holds what was mounted against what <see cref="ReadOnlyMount.IsExact"/> promises: somebody may have put a link in its place, and
    /// mounting follows links.
    /// </summary>
    /// <param name="place">What stands before a path of the stage.</param>
    /// <exception cref="SandboxException">Something else was mounted.</exception>
    public void CheckExact(string place)
    {
        foreach (var mount in run.Mounts.Where(mount => mount.IsExact))
        {
            using var source = OpenWithoutLinks(mount.Source);
            var mounted = Status(place + Root + mount.Target);
            if (source is null || Status(source) is var meant && (meant.Inode, meant.Device) != (mounted.Inode, mounted.Device))
                throw Exchanged();
        }
    }

    // Not which: a path may name a subject.
    public static SandboxException Exchanged() =>
        new("a volume or folder beyond the data view is a link by now, or gone: 'lazaret site check' says which");

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
        // A mount that lies in another's folder comes after it.
        .. run.Mounts.OrderBy(mount => mount.Target, StringComparer.Ordinal)
            .Select(mount => (Path.GetFullPath(mount.Source), Root + mount.Target, (string?)null, (string?)null)),
    ];

    private (string Source, string Target, string? Type, string? Options) Tmpfs(string target, long size, int inodes) => (
        "lazaret", target, "tmpfs", FormattableString.Invariant($"mode=0700,size={size},nr_inodes={inodes + 1}{(owner is { } id ? $",uid={id},gid={id}" : "")}"));

    private static string Escaped(string path) => new StringBuilder(path)
        .Replace(@"\", @"\134").Replace(" ", @"\040").Replace("\t", @"\011").Replace("\n", @"\012").ToString();
}
