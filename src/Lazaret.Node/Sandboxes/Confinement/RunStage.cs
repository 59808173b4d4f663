using System.Text;
using Lazaret.Node.Linux;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// The folders of a run, laid out before its sandbox starts. They are mounted below one tmpfs, in a mount namespace that the host does not
/// see and that ends with its last process: there is nothing to clean up.
/// <list type="table">
/// <item><term>root</term><description>the program's root, an overlay of two read-only layers: its image and, above it, empty folders and
/// files as mount points. The run's mounts are made on these. The node makes them, and not bubblewrap, because after the user id is dropped
/// their sources may be out of reach, and because bubblewrap would look at all mounts again for each mount;</description></item>
/// <item><term>work, tmp, shm</term><description>the program's own, each a tmpfs with its limits;</description></item>
/// <item><term>in</term><description>the inputs, whose bytes are written last.</description></item>
/// </list>
/// </summary>
/// <param name="run">What is to be run.</param>
/// <param name="owner">The user id that work, tmp and shm belong to; null: whoever mounts them.</param>
internal sealed class RunStage(SandboxRun run, int? owner)
{
    /// <summary>The mount point of the stage: a folder that every Linux has, and that no sandbox needs.</summary>
    public const string Folder = "/sys/kernel";

    public const string Root = $"{Folder}/root";
    public const string Work = $"{Folder}/work";
    public const string Temporary = $"{Folder}/tmp";
    public const string SharedMemory = $"{Folder}/shm";
    public const string Inputs = $"{Folder}/in";

    /// <summary>A folder for files that the backend itself needs.</summary>
    public const string Own = $"{Folder}/own";

    /// <summary>An empty folder.</summary>
    public const string Nothing = $"{Folder}/nothing";

    private const string Image = $"{Folder}/image";
    private const string Skeleton = $"{Folder}/skeleton";

    /// <summary>Folders of the program's own, which hide what the root has there.</summary>
    private static readonly string[] OwnFolders = ["/work/", "/tmp/", "/dev/shm/"];

    /// <summary>
    /// Entries of <c>/proc</c> that tell every process about the host, or hold counters through which one program could pass bits to a later one. Entries that only root
    /// can read are not masked. Each mask costs every run about 0.1 ms.
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
            // 022 whatever the node's umask is: other user ids must be able to enter these folders. After unshare the thread has a umask of its own.
            SetUmask(OwnFile.WrittenByOthers);
            MountAll();
            CheckExact(prefix: "");
        }
        catch (IOException e)
        {
            throw new SandboxException(e.Message, e);
        }
    }

    /// <summary>The options of the tmpfs that holds the stage. It has no size limit, since the program cannot write there.</summary>
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

    /// <summary>The mounts that <see cref="Mount"/> makes after the folders and files, in the format of an fstab.</summary>
    public string Table() => string.Concat(Mounts().Select(mount =>
        $"{Escaped(mount.Source)} {mount.Target} {(mount.Type is null ? "none rbind" : $"{mount.Type} nosuid,nodev,{mount.Options}")} 0 0\n"));

    /// <summary>
    /// Where mounts of the run lie in <c>/work</c>, <c>/tmp</c> or <c>/dev/shm</c>. The program's own tmpfs hides them there, so the backend
    /// binds them once more from below <see cref="Root"/>.
    /// </summary>
    public IEnumerable<string> Hidden() => (
        from mount in run.Mounts
        from folder in OwnFolders
        where mount.Target.StartsWith(folder, StringComparison.Ordinal)
        select folder + mount.Target[folder.Length..].Split('/')[0]).Distinct(StringComparer.Ordinal);

    /// <summary>
    /// Checks for each mount with <see cref="ReadOnlyMount.IsExact"/> that its source, opened without links, is what was mounted: somebody may
    /// have replaced the source by a link, and mounting follows links.
    /// </summary>
    /// <param name="prefix">What stands before the stage's paths when the node opens them.</param>
    /// <exception cref="SandboxException">Something else was mounted.</exception>
    public void CheckExact(string prefix)
    {
        foreach (var mount in run.Mounts.Where(mount => mount.IsExact))
        {
            using var source = OpenWithoutLinks(mount.Source);
            var mounted = Status(prefix + Root + mount.Target);
            if (source is null || Status(source) is var meant && (meant.Inode, meant.Device) != (mounted.Inode, mounted.Device))
                throw Exchanged();
        }
    }

    // The message does not say which one: a path may name a subject.
    public static SandboxException Exchanged() =>
        new("a volume or folder beyond the data view is a link by now, or gone: 'lazaret site check' says which");

    /// <inheritdoc cref="StageInputs.Make"/>
    public StageInputs MakeInputs(string folder) => StageInputs.Make(folder, run.Inputs.Keys);

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
