using System.Globalization;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// The limits on all processes of a run together, in control groups of version 1 (a folder in each controller's hierarchy) or 2 (one folder);
/// <see cref="ControlGroupTree"/> says where.
/// </summary>
internal sealed class ControlGroup : IDisposable
{
    private const int PeriodMicroseconds = 100_000;

    /// <summary>The group's folder, by controller; in version 2 they are all the same.</summary>
    private readonly Dictionary<string, string> _folders;
    private readonly bool _unified;

    private ControlGroup(string name)
    {
        _unified = ControlGroupTree.IsUnified;
        _folders = ControlGroupTree.Parents().ToDictionary(parent => parent.Key, parent => $"{parent.Value}/{name}", StringComparer.Ordinal);
    }

    /// <summary>In version 2, groups that are delegated to an ordinary user often lack the cpu controller.</summary>
    private bool LimitsProcessors => !_unified || File.Exists(PathOf("cpu", "cpu.max"));

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
            group.Dispose();
            return null;
        }
    }

    private void Create()
    {
        if (_unified)
            ControlGroupTree.Prepare(Path.GetDirectoryName(_folders["memory"])!);
        // A killed node may have left a group of this name. It is removed, since its counters belong to another run.
        Dispose();
        foreach (var folder in Folders)
        {
            Directory.CreateDirectory(folder);
            // An ordinary folder holds no such file: no controller is mounted there.
            if (!File.Exists($"{folder}/cgroup.procs"))
                throw new IOException($"{folder} is no control group");
        }
    }

    /// <param name="limits">The limits of the program.</param>
    /// <param name="ownProcesses">How many processes the sandbox itself needs, in addition to the program's.</param>
    /// <param name="ownMemory">How many bytes of memory the sandbox itself needs.</param>
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
    /// Starts a process in the group. In version 1 the calling thread enters the group while it starts the process, which inherits the group.
    /// In version 2 a single thread cannot enter: the process is moved after its start, and must start no other before this method returns.
    /// </summary>
    public ChildProcess Start(Func<ChildProcess> start)
    {
        ChildProcess? child = null;
        try
        {
            if (_unified)
            {
                child = start();
                Enter(Folders, "cgroup.procs", child.Id);
                return child;
            }

            const int CallingThread = 0;
            try
            {
                Enter(Folders, "tasks", CallingThread);
                child = start();
            }
            finally
            {
                Enter(Folders.Select(folder => Path.GetDirectoryName(folder)!), "tasks", CallingThread);
            }

            return child;
        }
        catch
        {
            child?.Kill();
            child?.Dispose();
            throw;
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

    public void Dispose()
    {
        foreach (var folder in Folders.Where(Directory.Exists))
            ControlGroupTree.Remove(folder);
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

    /// <summary>Writes a limit on swap, if its file exists: it does not where the kernel does not count swap.</summary>
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
}
