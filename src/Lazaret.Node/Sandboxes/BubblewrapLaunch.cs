using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Lazaret.Node.Sandboxes;

/// <summary>
/// How bubblewrap is started. Between the node and bubblewrap stand the tools of util-linux:
/// <list type="number">
/// <item>setpriv asks the kernel to kill what follows when the node dies;</item>
/// <item>unshare makes a network, a mount and a pid namespace around everything (and a user namespace, when the node is not root). The
/// loopback in there stays down; bubblewrap would bring its own up. The tmpfs folders live in that mount namespace and vanish with its
/// last process: the host never sees them and has nothing to clean up. bubblewrap is the first process of that pid namespace: whoever
/// kills it kills all, and once it has been waited for, nothing is left. (bubblewrap alone dies with its parent too, but not while it
/// is still setting up.);</item>
/// <item>prlimit bounds what each process may take, and setpriv drops root's user id. bubblewrap under root would map its user to the
/// host's root.</item>
/// </list>
/// The last step before bubblewrap says on stderr that it is ready, and its pid. bubblewrap then reads its arguments from the pipe that
/// was stdin, which is where the node holds it until limits and inputs are in place. A node that dies leaves the pipe short, and since
/// the program's root comes last in it, there is nothing to run.
/// </summary>
internal static class BubblewrapLaunch
{
    /// <summary>Where the tmpfs is mounted that holds the other mounts: a folder that every Linux has and no program here needs.</summary>
    private const string Stage = "/sys";

    /// <summary>The program's user and group id inside.</summary>
    private const string Nobody = "65534";

    /// <summary>bubblewrap has two processes of its own among the program's.</summary>
    public const int OwnProcesses = 2;

    /// <summary>What stands before the pid in the line that says so.</summary>
    public const string Ready = "ready ";

    private const string SearchPath = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin";

    // $1 options of the stage, $2 the other mounts, $3 the filter of system calls, $4 options of prlimit, $5 options of setpriv, and
    // then the program.
    private const string Script =
        $"""
        set -eu
        read -r pid rest </proc/self/stat
        mount -t tmpfs -o "$1" lazaret {Stage}
        printf '%s' "$2" >{Stage}/fstab
        mount --all --fstab {Stage}/fstab
        printf %b "$3" >{Stage}/seccomp
        limits=$4 identity=$5
        shift 5
        exec 3<&0 4>&2 5<{Stage}/seccomp </dev/null 2>&1
        exec prlimit $limits setpriv --pdeathsig KILL $identity -- /bin/sh -c 'echo "{Ready}$0" >&4; exec bwrap --args 3 -- "$@"' "$pid" "$@"
        """;

    /// <summary>What the kernel tells everybody though it concerns the host.</summary>
    private static readonly string[] Masked =
        ["/proc/kallsyms", "/proc/keys", "/proc/key-users", "/proc/timer_list", "/proc/sched_debug", "/proc/modules", "/proc/config.gz"];

    /// <summary>The compiled seccomp profile, in the escapes of printf: neither an argument nor a shell's variable holds a zero byte.</summary>
    private static readonly string Filter = string.Concat(
        SeccompFilter.Compile(SeccompProfile.Shipped).Select(value => @"\0" + Convert.ToString(value, 8).PadLeft(3, '0')));

    private static readonly string[] Tools = ["bwrap", "unshare", "setpriv", "prlimit", "mount"];

    /// <summary>The first entries of the root that are the sandbox's own.</summary>
    private static readonly string[] Reserved = ["work", "data", "tmp", "proc", "dev"];

    public static IEnumerable<string> MissingTools() => Tools.Where(tool => Find(tool) is null);

    /// <summary>The process to start: stdin takes <see cref="Arguments"/>, stdout is the program's log, stderr the launch's own.</summary>
    /// <param name="run">What is to be run.</param>
    /// <param name="uid">The user id to drop to, or null when the node has none to give.</param>
    public static ProcessStartInfo Process(SandboxRun run, int? uid)
    {
        var start = new ProcessStartInfo(Find("setpriv") ?? "setpriv")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        start.Environment["PATH"] = SearchPath;
        start.Environment["LC_ALL"] = "C";
        foreach (var argument in (string[])
            [
                "--pdeathsig", "KILL", "unshare", .. uid is null ? (string[])["--user", "--map-root-user"] : [],
                "--net", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child=KILL", "--",
                "/bin/sh", "-c", Script, "lazaret-sandbox", StageOptions(run), Mounts(run, uid), Filter, ResourceLimits(run.Limits, uid),
                uid is null ? "--no-new-privs" : $"--reuid {uid} --regid {uid} {Groups(run)} --no-new-privs",
                .. run.Command,
            ])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    /// <summary>A folder of the stage, as the host sees it while the sandbox of that pid lives.</summary>
    public static string HostPath(int pid, string folder) => $"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/root{Stage}/{folder}";

    /// <summary>bubblewrap's arguments, each ended by a zero byte.</summary>
    public static byte[] Arguments(SandboxRun run)
    {
        List<string> arguments =
        [
            "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup", "--disable-userns",
            "--uid", Nobody, "--gid", Nobody, "--hostname", "sandbox", "--cap-drop", "ALL",
            "--die-with-parent", "--new-session", "--json-status-fd", "4", "--seccomp", "5", "--clearenv",
        ];
        foreach (var (name, value) in run.EnvironmentAt(SandboxPaths.Mounted))
            arguments.AddRange("--setenv", name, value);
        arguments.AddRange("--proc", "/proc");
        foreach (var file in Masked.Where(File.Exists))
            arguments.AddRange("--ro-bind", "/dev/null", file);
        arguments.AddRange("--dev", "/dev", "--bind", $"{Stage}/shm", "/dev/shm", "--remount-ro", "/dev");
        foreach (var device in run.Devices)
            arguments.AddRange("--dev-bind", device, device);
        arguments.AddRange("--bind", $"{Stage}/tmp", "/tmp", "--bind", $"{Stage}/work", "/work");
        // Laid over /work one by one: a mount point can be neither written, nor replaced, nor removed.
        foreach (var name in run.Inputs.Keys)
            arguments.AddRange("--ro-bind", $"{Stage}/in/{name}", $"/work/{name}");
        for (var i = 0; i < run.Mounts.Count; i++)
            arguments.AddRange("--ro-bind", MountedAt(i, run.Mounts[i]), run.Mounts[i].Target);
        foreach (var entry in new DirectoryInfo(run.Root).EnumerateFileSystemInfos().Where(entry => !Reserved.Contains(entry.Name)))
        {
            if (entry.LinkTarget is { } target)
                arguments.AddRange("--symlink", target, $"/{entry.Name}");
            else
                arguments.AddRange("--ro-bind", $"{Stage}/root/{entry.Name}", $"/{entry.Name}");
        }

        arguments.AddRange("--remount-ro", "/", "--chdir", "/work");
        return Encoding.UTF8.GetBytes(string.Concat(arguments.Select(argument => argument + '\0')));
    }

    /// <summary>Without a user id of its own, a program shares its count of processes with unshare as well.</summary>
    private static string ResourceLimits(SandboxLimits limits, int? uid) => FormattableString.Invariant(
        $"--nproc={limits.Pids + OwnProcesses + (uid is null ? 1 : 0)} --data={limits.Memory} --fsize={Math.Max(limits.Work, limits.Temp)} --nofile=1024 --memlock=65536 --msgqueue=0 --core=0");

    /// <summary>A device is its group's to use.</summary>
    private static string Groups(SandboxRun run) => run.Devices is [] ? "--clear-groups" : $"--groups {string.Join(',', run.Devices.Select(LinuxCalls.GroupOf))}";

    private static string StageOptions(SandboxRun run)
    {
        const int Page = 4096;
        var inputs = run.Inputs.Values.Sum(input => (input.Length + Page - 1L) / Page * Page);
        return FormattableString.Invariant($"mode=0755,nosuid,nodev,size={inputs + (256 << 10)},nr_inodes={run.Inputs.Count + run.Mounts.Count + 32}");
    }

    /// <summary>
    /// Everything but the stage, as an fstab. The root and the mounts are bound by the launch, not by bubblewrap, because a dropped user
    /// id may not be able to walk there: a node under /root would find nothing.
    /// </summary>
    private static string Mounts(SandboxRun run, int? uid)
    {
        var owner = uid is null ? "" : FormattableString.Invariant($",uid={uid},gid={uid}");
        var fstab = new StringBuilder();
        Tmpfs("work", run.Limits.Work, run.Limits.Inodes + run.Inputs.Count);
        Tmpfs("tmp", run.Limits.Temp, run.Limits.Inodes);
        Tmpfs("shm", run.Limits.Temp, run.Limits.Inodes);
        Bind(run.Root, "root");
        for (var i = 0; i < run.Mounts.Count; i++)
            Bind(FolderOf(run.Mounts[i]), $"mount{i}");
        return fstab.ToString();

        void Tmpfs(string name, long size, int inodes) => fstab.Append(
            CultureInfo.InvariantCulture,
            $"lazaret {Stage}/{name} tmpfs mode=0700,nosuid,nodev,size={size},nr_inodes={inodes + 1}{owner},X-mount.mkdir 0 0\n");

        void Bind(string source, string name) => fstab.Append(
            CultureInfo.InvariantCulture,
            $"{Escaped(Path.GetFullPath(source))} {Stage}/{name} none rbind,X-mount.mkdir 0 0\n");
    }

    private static string FolderOf(ReadOnlyMount mount) =>
        Directory.Exists(mount.Source) ? mount.Source : Path.GetDirectoryName(Path.GetFullPath(mount.Source))!;

    private static string MountedAt(int index, ReadOnlyMount mount) =>
        Directory.Exists(mount.Source) ? $"{Stage}/mount{index}" : $"{Stage}/mount{index}/{Path.GetFileName(mount.Source)}";

    private static string Escaped(string path) =>
        path.Replace(@"\", @"\134", StringComparison.Ordinal)
            .Replace(" ", @"\040", StringComparison.Ordinal)
            .Replace("\t", @"\011", StringComparison.Ordinal)
            .Replace("\n", @"\012", StringComparison.Ordinal);

    private static string? Find(string tool) =>
        SearchPath.Split(':').Select(folder => Path.Join(folder, tool)).FirstOrDefault(File.Exists);
}
