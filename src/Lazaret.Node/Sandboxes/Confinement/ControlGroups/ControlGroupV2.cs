using System.Globalization;
using Lazaret.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Confinement.ControlGroups;

/// <summary>
/// A control group of version 2: one folder. In this version a group holds either processes or groups, and a controller works in a group only
/// where the group above has enabled it.
/// </summary>
internal sealed class ControlGroupV2(string folder) : ControlGroup([folder])
{
    /// <summary>Groups that are delegated to an ordinary user often lack the cpu controller.</summary>
    private bool LimitsProcessors => File.Exists(FileOf("cpu.max"));

    public static ControlGroupV2 Of(string name) => new($"{ControlGroupTree.ParentV2()}/{name}");

    public override void Limit(SandboxLimits limits, int ownProcesses, long ownMemory = 0)
    {
        Write(FileOf("pids.max"), limits.Pids + ownProcesses);
        Write(FileOf("memory.max"), limits.Memory + ownMemory);
        WriteIfThere(FileOf("memory.swap.max"), 0);
        if (LimitsProcessors)
            File.WriteAllText(FileOf("cpu.max"), string.Create(CultureInfo.InvariantCulture, $"{Quota(limits)} {PeriodMicroseconds}"));
    }

    /// <summary>A single thread cannot enter a group: the process is moved after its start, and must start no other before this method returns.</summary>
    public override ChildProcess StartFirst(string[] command, SafeFileHandle[] descriptors)
    {
        var child = ChildProcess.StartFirst(command, descriptors);
        try
        {
            Add(child.Id);
            return child;
        }
        catch
        {
            child.Kill();
            child.Dispose();
            throw;
        }
    }

    public override SandboxUsage Usage() => new(
        File.Exists(FileOf("memory.peak")) ? Read(FileOf("memory.peak")) : null,
        TimeSpan.FromMicroseconds(ReadEntry(FileOf("cpu.stat"), "usage_usec")),
        ReadEntry(FileOf("memory.events"), "oom_kill") > 0)
    {
        BoundsProcessors = LimitsProcessors,
    };

    protected override void Create()
    {
        var parent = Path.GetDirectoryName(folder)!;
        if (Environment.IsPrivilegedProcess)
            EnableForRoot(parent);
        else
            EnableWhereDelegated(parent);
        base.Create();
    }

    private static void EnableForRoot(string parent)
    {
        const string Enable = "+memory +pids +cpu";
        File.WriteAllText($"{ControlGroupTree.Mount}/cgroup.subtree_control", Enable);
        Directory.CreateDirectory(parent);
        File.WriteAllText($"{parent}/cgroup.subtree_control", Enable);
    }

    /// <summary>Moves the node out of the delegated group into one below it. Only then can the groups beside that one have limits.</summary>
    private static void EnableWhereDelegated(string delegated)
    {
        var control = $"{delegated}/cgroup.subtree_control";
        var enabled = File.ReadAllText(control).Split(' ', StringSplitOptions.TrimEntries);
        if (enabled.Contains("memory") && enabled.Contains("pids"))
            return;
        const string ThisProcess = "0";
        Directory.CreateDirectory($"{delegated}/{ControlGroupTree.Node}");
        File.WriteAllText($"{delegated}/{ControlGroupTree.Node}/cgroup.procs", ThisProcess);
        File.WriteAllText(control, "+memory +pids");
        if (File.ReadAllText($"{delegated}/cgroup.controllers").Split(' ', StringSplitOptions.TrimEntries).Contains("cpu"))
            File.WriteAllText(control, "+cpu");
    }

    private string FileOf(string file) => $"{folder}/{file}";
}
