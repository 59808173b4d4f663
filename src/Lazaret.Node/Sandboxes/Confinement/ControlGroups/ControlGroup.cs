using System.Globalization;
using Lazaret.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Confinement.ControlGroups;

/// <summary>
/// The limits on all processes of a run together. Linux has two versions of control groups; <see cref="ControlGroupTree"/> says which one this
/// machine has, and where the groups of runs lie.
/// </summary>
/// <param name="folders">The group's folders: one in each controller's hierarchy in version 1, one in version 2.</param>
internal abstract class ControlGroup(IReadOnlyList<string> folders) : IDisposable
{
    protected const int PeriodMicroseconds = 100_000;

    protected IReadOnlyList<string> Folders => folders;

    /// <summary>The group of that name, with nothing in it; null when this process may not make one here.</summary>
    public static ControlGroup? TryCreate(string name)
    {
        ControlGroup? group = null;
        try
        {
            group = ControlGroupTree.IsUnified ? ControlGroupV2.Of(name) : ControlGroupV1.Of(name);
            group.Create();
            return group;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            group?.Dispose();
            return null;
        }
    }

    /// <param name="limits">The limits of the program.</param>
    /// <param name="ownProcesses">How many processes the sandbox itself needs, in addition to the program's.</param>
    /// <param name="ownMemory">How many bytes of memory the sandbox itself needs.</param>
    public abstract void Limit(SandboxLimits limits, int ownProcesses, long ownMemory = 0);

    /// <summary>Starts a process in the group, as <see cref="ChildProcess.StartFirst"/> does.</summary>
    public abstract ChildProcess StartFirst(string[] command, SafeFileHandle[] descriptors);

    public abstract SandboxUsage Usage();

    /// <summary>Moves a process into the group, which must have started no other.</summary>
    public void Add(int process)
    {
        foreach (var folder in Folders)
            Write($"{folder}/cgroup.procs", process);
    }

    public void Dispose()
    {
        foreach (var folder in Folders.Where(Directory.Exists))
            ControlGroupTree.Remove(folder);
    }

    /// <summary>Makes the group's folders.</summary>
    protected virtual void Create()
    {
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

    /// <summary>How many microseconds of processor time the group gets in each period.</summary>
    protected static long Quota(SandboxLimits limits) => Math.Max((long)(limits.Cpus * PeriodMicroseconds), 1000);

    protected static void Write(string file, long value) => File.WriteAllText(file, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Writes a limit on swap, if its file exists: it does not where the kernel does not count swap.</summary>
    protected static void WriteIfThere(string file, long value)
    {
        if (File.Exists(file))
            Write(file, value);
    }

    protected static long Read(string file) => long.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);

    /// <summary>The value of one line of a file, which begins with that word; 0 when there is no such line.</summary>
    protected static long ReadEntry(string file, string entry) => File.ReadLines(file)
        .Select(line => line.Split(' '))
        .Where(words => words[0] == entry)
        .Select(words => long.Parse(words[1], CultureInfo.InvariantCulture))
        .FirstOrDefault();
}
