using System.Globalization;

namespace Lazaret.Node.Sandboxes;

/// <summary>
/// The limits on all processes of a run together, in control groups of version 1 (a folder in each controller's hierarchy, below the
/// node's own) or 2 (one folder; not below the node's own, since there a group holds either processes or groups).
/// </summary>
internal sealed class ControlGroup : IDisposable
{
    /// <summary>As the node sees it: a run's thread may have <see cref="Hide">hidden</see> it from itself.</summary>
    private const string Mount = "/proc/self/root/sys/fs/cgroup";
    private const int PeriodMicroseconds = 100_000;

    private static readonly TimeSpan Leaving = TimeSpan.FromSeconds(2);

    private static readonly string[] Controllers = ["memory", "pids", "cpu", "cpuacct", "devices"];

    /// <summary>The group's folder, by controller; in version 2 they are all the same.</summary>
    private readonly Dictionary<string, string> _folders;
    private readonly bool _unified;

    private ControlGroup(string name)
    {
        _unified = File.Exists($"{Mount}/cgroup.controllers");
        var own = _unified ? [] : OwnGroups();
        _folders = Controllers.ToDictionary(
            controller => controller,
            controller => _unified ? $"{Mount}/lazaret/{name}" : $"{Mount}/{controller}{own.GetValueOrDefault(controller)}/{name}",
            StringComparer.Ordinal);
    }

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

    /// <summary>
    /// The folders whose names begin so, wherever they are: the node that left them may have been in other groups than this one, a terminal's
    /// and not a service's.
    /// </summary>
    public static IReadOnlyList<string> Find(string prefix) => Directory.Exists(Mount)
        ? [.. Directory.EnumerateDirectories(Mount, $"{prefix}*", new EnumerationOptions { RecurseSubdirectories = true })]
        : [];

    private void Create()
    {
        if (_unified)
        {
            const string Enable = "+memory +pids +cpu";
            File.WriteAllText($"{Mount}/cgroup.subtree_control", Enable);
            Directory.CreateDirectory($"{Mount}/lazaret");
            File.WriteAllText($"{Mount}/lazaret/cgroup.subtree_control", Enable);
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

    public SandboxUsage Usage() => _unified
        ? new SandboxUsage(
            File.Exists(PathOf("memory", "memory.peak")) ? Read("memory", "memory.peak") : null,
            TimeSpan.FromMicroseconds(ReadEntry("cpu", "cpu.stat", "usage_usec")),
            ReadEntry("memory", "memory.events", "oom_kill") > 0)
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

    /// <summary>The groups of version 1 that this process is in, by controller, as far as they can be seen from here.</summary>
    private static Dictionary<string, string> OwnGroups()
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines("/proc/self/cgroup"))
        {
            // 4:memory:/path
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
