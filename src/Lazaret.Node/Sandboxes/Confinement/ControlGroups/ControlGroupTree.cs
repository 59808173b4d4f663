using Lazaret.Node.Linux;

namespace Lazaret.Node.Sandboxes.Confinement.ControlGroups;

/// <summary>
/// Where the control groups of runs lie. In version 1 they lie below the node's own group of each controller. In version 2 root's lie in
/// /lazaret, and an ordinary user's below the node's own group if that was delegated to the user: there is no other place for them.
/// </summary>
internal static class ControlGroupTree
{
    /// <summary>The path goes through the process: the thread of a container's run has <see cref="Hide">unmounted</see> the control groups for itself.</summary>
    public const string Mount = "/proc/self/root/sys/fs/cgroup";

    /// <summary>The name of the group that the node moves into, in a delegated group of version 2.</summary>
    public const string Node = "lazaret-node";

    /// <summary>Those of version 1 that the node uses. The last is for containers, which are root's.</summary>
    private static readonly string[] Controllers = ["memory", "pids", "cpu", "cpuacct", .. Environment.IsPrivilegedProcess ? (string[])["devices"] : []];

    private static readonly TimeSpan Leaving = TimeSpan.FromSeconds(2);

    /// <summary>Whether this machine has version 2.</summary>
    public static bool IsUnified => File.Exists($"{Mount}/cgroup.controllers");

    /// <summary>The folders in which a run's groups are made in version 1, by controller.</summary>
    public static Dictionary<string, string> ParentsV1()
    {
        var own = OwnGroups();
        return Controllers.ToDictionary(controller => controller, controller => $"{Mount}/{controller}{own.GetValueOrDefault(controller)}", StringComparer.Ordinal);
    }

    /// <summary>The folder in which a run's group is made in version 2.</summary>
    public static string ParentV2()
    {
        var parent = Environment.IsPrivilegedProcess ? "/lazaret" : OwnGroups().GetValueOrDefault("", "");
        return Mount + (parent.EndsWith($"/{Node}", StringComparison.Ordinal) ? parent[..^(Node.Length + 1)] : parent);
    }

    /// <summary>
    /// The groups with this prefix, anywhere in the tree: the node that left them may itself have been in another group than this node is, as
    /// that of a terminal and not that of a service.
    /// </summary>
    public static IReadOnlyList<string> Find(string prefix) => Directory.Exists(Mount)
        ? [.. Directory.EnumerateDirectories(Mount, $"{prefix}*", new EnumerationOptions { RecurseSubdirectories = true })]
        : [];

    /// <summary>The groups with this prefix where this node makes the groups of its runs.</summary>
    public static IReadOnlyList<string> FindOwn(string prefix)
    {
        IEnumerable<string> parents = IsUnified ? [ParentV2()] : ParentsV1().Values.Distinct(StringComparer.Ordinal);
        return [.. parents.Where(Directory.Exists).SelectMany(parent => Directory.EnumerateDirectories(parent, $"{prefix}*"))];
    }

    /// <summary>
    /// Unmounts the control groups in the mount namespace of the calling thread. A container's runtime then makes no groups beside the
    /// node's; and crun refuses to start where both versions are mounted.
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
    /// Removes a group. A killed process leaves its group a moment after its parent has waited for it, so this tries for two seconds. If a process
    /// cannot be killed and the group stays, the next run that makes a group of this name removes it.
    /// </summary>
    public static void Remove(string folder) => SpinWait.SpinUntil(() => TryRemove(folder), Leaving);

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

    /// <summary>The groups that this process is in and can see, by controller; the group of version 2 has the key "".</summary>
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
