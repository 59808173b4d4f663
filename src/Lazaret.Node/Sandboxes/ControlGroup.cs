using System.Globalization;

namespace Lazaret.Node.Sandboxes;

/// <summary>
/// The limits on all processes of a run together, in control groups of version 1 (a folder in each controller's hierarchy, below the
/// node's own) or 2 (one folder; not below the node's own, since there a group holds either processes or groups).
/// </summary>
internal sealed class ControlGroup : IDisposable
{
    private const string Mount = "/sys/fs/cgroup";
    private const int PeriodMicroseconds = 100_000;

    private static readonly string[] Controllers = ["memory", "pids", "cpu", "cpuacct"];

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

    /// <summary>The group of that name that a node left when it was killed, if there is one.</summary>
    public static ControlGroup? Find(string name) => new ControlGroup(name) is var group && group.Folders.Any(Directory.Exists) ? group : null;

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

    public void Limit(SandboxLimits limits, int ownProcesses)
    {
        var quota = Math.Max((long)(limits.Cpus * PeriodMicroseconds), 1000);
        Write("pids", "pids.max", limits.Pids + ownProcesses);
        if (_unified)
        {
            Write("memory", "memory.max", limits.Memory);
            WriteIfCounted("memory", "memory.swap.max", 0);
            File.WriteAllText(PathOf("cpu", "cpu.max"), string.Create(CultureInfo.InvariantCulture, $"{quota} {PeriodMicroseconds}"));
            return;
        }

        Write("memory", "memory.limit_in_bytes", limits.Memory);
        // Memory and swap together.
        WriteIfCounted("memory", "memory.memsw.limit_in_bytes", limits.Memory);
        Write("cpu", "cpu.cfs_period_us", PeriodMicroseconds);
        Write("cpu", "cpu.cfs_quota_us", quota);
    }

    /// <summary>Moves a process, and what it starts from now on, into the group.</summary>
    public void Add(int pid)
    {
        foreach (var folder in Folders)
            File.WriteAllText($"{folder}/cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));
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

    public void Dispose()
    {
        foreach (var folder in Folders.Where(Directory.Exists))
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (IOException)
            {
                // Busy for another moment; whoever takes the name next removes it.
            }
        }
    }

    private IEnumerable<string> Folders => _folders.Values.Distinct(StringComparer.Ordinal);

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
