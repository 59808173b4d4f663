using Lazaret.Node.Linux;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// Where the control groups of runs lie: in version 1 below the node's own of each controller. In version 2 a group holds either processes or
/// groups: so root's lie beside the node's own; an ordinary user has no other place than below the node's own, where that was delegated, and
/// the node moves into a group beside its runs'.
/// </summary>
internal static class ControlGroupTree
{
    /// <summary>As the node sees it: a run's thread may have <see cref="Hide">hidden</see> it from itself.</summary>
    private const string Mount = "/proc/self/root/sys/fs/cgroup";

    /// <summary>What the node moves into, in a delegated group of version 2.</summary>
    private const string Node = "lazaret-node";

    /// <summary>Of version 1. The last is for containers, which are root's.</summary>
    private static readonly string[] Controllers = ["memory", "pids", "cpu", "cpuacct", .. Environment.IsPrivilegedProcess ? (string[])["devices"] : []];

    private static readonly TimeSpan Leaving = TimeSpan.FromSeconds(2);

    public static bool IsUnified => File.Exists($"{Mount}/cgroup.controllers");

    /// <summary>Below what a run's group is made, by controller; in version 2 they are all the same.</summary>
    public static Dictionary<string, string> Parents()
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

    /// <summary>Has the groups below a folder of version 2 limit what a run needs.</summary>
    public static void Prepare(string parent)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Settle(parent);
            return;
        }

        const string Enable = "+memory +pids +cpu";
        File.WriteAllText($"{Mount}/cgroup.subtree_control", Enable);
        Directory.CreateDirectory(parent);
        File.WriteAllText($"{parent}/cgroup.subtree_control", Enable);
    }

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
