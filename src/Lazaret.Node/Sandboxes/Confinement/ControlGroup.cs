using System.Globalization;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// The limits on all processes of a run together, in control groups of version 1 (a folder in each controller's hierarchy, below the
/// node's own) or 2 (one folder). In version 2 a group holds either processes or groups: so root's lies beside the node's own; an ordinary
/// user has no other place than below the node's own, where that was delegated, and the node moves into a group beside its runs'.
/// </summary>
internal sealed class ControlGroup : IDisposable
{
    /// <summary>As the node sees it: a run's thread may have <see cref="Hide">hidden</see> it from itself.</summary>
    private const string Mount = "/proc/self/root/sys/fs/cgroup";
    private const int PeriodMicroseconds = 100_000;

    private static readonly TimeSpan Leaving = TimeSpan.FromSeconds(2);

    /// <summary>What the node moves into, in a delegated group of version 2.</summary>
    private const string Node = "lazaret-node";

    /// <summary>Of version 1. The last is for containers, which are root's.</summary>
    private static readonly string[] Controllers = ["memory", "pids", "cpu", "cpuacct", .. Environment.IsPrivilegedProcess ? (string[])["devices"] : []];

    /// <summary>The group's folder, by controller; in version 2 they are all the same.</summary>
    private readonly Dictionary<string, string> _folders;
    private readonly bool _unified;

    private ControlGroup(string name)
    {
        _unified = IsUnified;
        _folders = Parents().ToDictionary(parent => parent.Key, parent => $"{parent.Value}/{name}", StringComparer.Ordinal);
    }

    /// <summary>A user's groups of version 2 often come without this controller.</summary>
    private bool LimitsProcessors => !_unified || File.Exists(PathOf("cpu", "cpu.max"));

    /// <summary>What to do where none can be made.</summary>
    public static string Missing =>
        "no control group is writable here, so nothing would bound what a program's processes take together: it could use up the machine's memory. "
        + (Environment.IsPrivilegedProcess
            ? "Mount the control groups writable, "
            : "Start the node as root, or in a control group of its own (Delegate=yes in its unit; from a terminal: systemd-run --user --scope -p Delegate=yes lazaret serve), ")
        + "or set Lazaret:Sandbox:AllowUnboundedMemory to true where something else bounds the node, as a container's memory limit does";

    private static bool IsUnified => File.Exists($"{Mount}/cgroup.controllers");

    /// <summary>The group of that name, with nothing in it; null when this process may not make one here.</summary>
    public static ControlGroup? TryCreate(string name)
    {
        var group = new ControlGroup(name);
        try
        {
            group.Create();
            return group;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <exception cref="SandboxException">There is none, and a visitor's program shall not run without.</exception>
    public static void Require(ControlGroup? group, SandboxRun run, SandboxOptions options)
    {
        if (group is null && !run.IsOurs && !options.AllowUnboundedMemory)
            throw new SandboxException(Missing);
    }

    /// <summary>What is not bounded, in words; from what a run was seen to use.</summary>
    public static IReadOnlyList<string> Lacks(SandboxUsage? usage) => usage switch
    {
        null => ["NOTHING BOUNDS MEMORY, since no control group is writable: a program can use up all that the machine has, by shared memory, sockets' "
            + "buffers, page tables or many processes. Nor are processors shared out. Lazaret:Sandbox:AllowUnboundedMemory accepts that"],
        { BoundsProcessors: false } => ["no limit on processors: the node's control group was delegated without that controller"],
        _ => [],
    };

    /// <summary>
    /// The folders whose names begin so, wherever they are: the node that left them may have been in other groups than this one, a terminal's
    /// and not a service's.
    /// </summary>
    public static IReadOnlyList<string> Find(string prefix) => Directory.Exists(Mount)
        ? [.. Directory.EnumerateDirectories(Mount, $"{prefix}*", new EnumerationOptions { RecurseSubdirectories = true })]
        : [];

    /// <summary>The folders whose names begin so, among those of this node's runs.</summary>
    public static IReadOnlyList<string> FindOwn(string prefix) =>
        [.. Parents().Values.Distinct(StringComparer.Ordinal).Where(Directory.Exists).SelectMany(parent => Directory.EnumerateDirectories(parent, $"{prefix}*"))];

    private void Create()
    {
        if (_unified && Environment.IsPrivilegedProcess)
        {
            const string Enable = "+memory +pids +cpu";
            File.WriteAllText($"{Mount}/cgroup.subtree_control", Enable);
            Directory.CreateDirectory($"{Mount}/lazaret");
            File.WriteAllText($"{Mount}/lazaret/cgroup.subtree_control", Enable);
        }
        else if (_unified)
        {
            Settle(Path.GetDirectoryName(_folders["memory"])!);
        }

        // What a killed node left counts for another run.
        Dispose();
        foreach (var folder in Folders)
        {
            Directory.CreateDirectory(folder);
            // An ordinary folder holds no such file: no controller is mounted there.
            if (!File.Exists($"{folder}/cgroup.procs"))
                throw new IOException($"{folder} is no control group");
        }
    }

    /// <summary>Moves the node out of its delegated group of version 2, which only then may have groups with limits.</summary>
    private static void Settle(string delegated)
    {
        var control = $"{delegated}/cgroup.subtree_control";
        var enabled = File.ReadAllText(control).Split(' ', StringSplitOptions.TrimEntries);
        if (enabled.Contains("memory") && enabled.Contains("pids"))
            return;
        const string ThisProcess = "0";
        Directory.CreateDirectory($"{delegated}/{Node}");
        File.WriteAllText($"{delegated}/{Node}/cgroup.procs", ThisProcess);
        File.WriteAllText(control, "+memory +pids");
        if (File.ReadAllText($"{delegated}/cgroup.controllers").Split(' ', StringSplitOptions.TrimEntries).Contains("cpu"))
            File.WriteAllText(control, "+cpu");
    }

    /// <param name="limits">The program's.</param>
    /// <param name="ownProcesses">What the sandbox has of its own beside the program.</param>
    /// <param name="ownMemory">The same, in bytes.</param>
    public void Limit(SandboxLimits limits, int ownProcesses, long ownMemory = 0)
    {
        var memory = limits.Memory + ownMemory;
        var quota = Math.Max((long)(limits.Cpus * PeriodMicroseconds), 1000);
        Write("pids", "pids.max", limits.Pids + ownProcesses);
        if (_unified)
        {
            Write("memory", "memory.max", memory);
            WriteIfCounted("memory", "memory.swap.max", 0);
            if (LimitsProcessors)
                File.WriteAllText(PathOf("cpu", "cpu.max"), string.Create(CultureInfo.InvariantCulture, $"{quota} {PeriodMicroseconds}"));
            return;
        }

        Write("memory", "memory.limit_in_bytes", memory);
        // Memory and swap together.
        WriteIfCounted("memory", "memory.memsw.limit_in_bytes", memory);
        Write("cpu", "cpu.cfs_period_us", PeriodMicroseconds);
        Write("cpu", "cpu.cfs_quota_us", quota);
    }

    /// <summary>
    /// Starts a process in the group. Version 1 takes in the starting thread for that moment, which is all the kernel has to look at;
    /// version 2 has no place for a single thread, and takes in the process, which must start no other until this returns.
    /// </summary>
    public ChildProcess Start(Func<ChildProcess> start)
    {
        if (_unified)
        {
            var child = start();
            Enter(Folders, "cgroup.procs", child.Id);
            return child;
        }

        const int CallingThread = 0;
        try
        {
            Enter(Folders, "tasks", CallingThread);
            return start();
        }
        finally
        {
            Enter(Folders.Select(folder => Path.GetDirectoryName(folder)!), "tasks", CallingThread);
        }
    }

    /// <summary>Takes in a process, which must have started no other.</summary>
    public void Add(int process) => Enter(Folders, "cgroup.procs", process);

    public SandboxUsage Usage() => _unified
        ? new SandboxUsage(
            File.Exists(PathOf("memory", "memory.peak")) ? Read("memory", "memory.peak") : null,
            TimeSpan.FromMicroseconds(ReadEntry("cpu", "cpu.stat", "usage_usec")),
            ReadEntry("memory", "memory.events", "oom_kill") > 0)
        {
            BoundsProcessors = LimitsProcessors,
        }
        : new SandboxUsage(
            Read("memory", "memory.max_usage_in_bytes"),
            TimeSpan.FromMicroseconds(Read("cpuacct", "cpuacct.usage") / 1000),
            ReadEntry("memory", "memory.oom_control", "oom_kill") > 0);

    /// <summary>
    /// Unmounts the control groups that the calling thread sees, in a mount namespace of its own: a container's runtime shall not make any
    /// beside the node's, and crun refuses to start where both versions are mounted.
    /// </summary>
    /// <param name="except">The one controller of version 1 that stays.</param>
    public static void Hide(string? except)
    {
        foreach (var line in File.ReadAllLines("/proc/thread-self/mountinfo"))
        {
            // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
            if (line.Split(" - ") is not [var mount, var file] || file.Split(' ') is not [['c', 'g', 'r', 'o', 'u', 'p', ..], _, var options])
                continue;
            if (except is null || !options.Split(',').Contains(except))
                LinuxCalls.Unmount(mount.Split(' ')[4]);
        }
    }

    /// <summary>
    /// A process that was killed leaves its group a moment after its memory, and after whoever started it has seen its end, so this waits for
    /// that; whoever takes the name next removes what a process that cannot be killed still holds.
    /// </summary>
    public static void Remove(string folder) => SpinWait.SpinUntil(() => TryRemove(folder), Leaving);

    public void Dispose()
    {
        foreach (var folder in Folders.Where(Directory.Exists))
            Remove(folder);
    }

    private static bool TryRemove(string folder)
    {
        try
        {
            // A container's runtime may have made one more, and been killed.
            foreach (var below in Directory.EnumerateDirectories(folder))
                Directory.Delete(below);
            Directory.Delete(folder);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(folder);
        }
    }

    private IEnumerable<string> Folders => _folders.Values.Distinct(StringComparer.Ordinal);

    private static void Enter(IEnumerable<string> folders, string file, int id)
    {
        foreach (var folder in folders)
            File.WriteAllText($"{folder}/{file}", id.ToString(CultureInfo.InvariantCulture));
    }

    private string PathOf(string controller, string file) => $"{_folders[controller]}/{file}";

    private void Write(string controller, string file, long value) =>
        File.WriteAllText(PathOf(controller, file), value.ToString(CultureInfo.InvariantCulture));

    /// <summary>The files on swap are absent where the kernel does not count it.</summary>
    private void WriteIfCounted(string controller, string file, long value)
    {
        if (File.Exists(PathOf(controller, file)))
            Write(controller, file, value);
    }

    private long Read(string controller, string file) => long.Parse(File.ReadAllText(PathOf(controller, file)), CultureInfo.InvariantCulture);

    private long ReadEntry(string controller, string file, string entry) => File.ReadLines(PathOf(controller, file))
        .Select(line => line.Split(' '))
        .Where(words => words[0] == entry)
        .Select(words => long.Parse(words[1], CultureInfo.InvariantCulture))
        .FirstOrDefault();

    /// <summary>Below what a run's group is made, by controller; in version 2 they are all the same.</summary>
    private static Dictionary<string, string> Parents()
    {
        var own = OwnGroups();
        var parent = Environment.IsPrivilegedProcess ? "/lazaret" : own.GetValueOrDefault("", "");
        if (parent.EndsWith($"/{Node}", StringComparison.Ordinal))
            parent = parent[..^(Node.Length + 1)];
        return Controllers.ToDictionary(
            controller => controller,
            controller => IsUnified ? $"{Mount}{parent}" : $"{Mount}/{controller}{own.GetValueOrDefault(controller)}",
            StringComparer.Ordinal);
    }

    /// <summary>The groups that this process is in, by controller, as far as they can be seen from here; that of version 2 under no name.</summary>
    private static Dictionary<string, string> OwnGroups()
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines("/proc/self/cgroup"))
        {
            // 4:memory:/path, or 0::/path
            if (line.Split(':', 3) is not [_, var controllers, var path])
                continue;
            foreach (var controller in controllers.Split(','))
            {
                if (path != "/" && Directory.Exists($"{Mount}/{controller}{path}"))
                    own[controller] = path;
            }
        }

        return own;
    }
}
