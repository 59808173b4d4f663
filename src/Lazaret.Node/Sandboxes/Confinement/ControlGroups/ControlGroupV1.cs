using Lazaret.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Confinement.ControlGroups;

/// <summary>A control group of version 1: a folder in each controller's hierarchy.</summary>
internal sealed class ControlGroupV1(IReadOnlyDictionary<string, string> folders) : ControlGroup([.. folders.Values.Distinct(StringComparer.Ordinal)])
{
    public static ControlGroupV1 Of(string name) =>
        new(ControlGroupTree.ParentsV1().ToDictionary(parent => parent.Key, parent => $"{parent.Value}/{name}", StringComparer.Ordinal));

    public override void Limit(SandboxLimits limits, int ownProcesses, long ownMemory = 0)
    {
        var memory = limits.Memory + ownMemory;
        Write(FileOf("pids", "pids.max"), limits.Pids + ownProcesses);
        Write(FileOf("memory", "memory.limit_in_bytes"), memory);
        // Memory and swap together.
        WriteIfThere(FileOf("memory", "memory.memsw.limit_in_bytes"), memory);
        Write(FileOf("cpu", "cpu.cfs_period_us"), PeriodMicroseconds);
        Write(FileOf("cpu", "cpu.cfs_quota_us"), Quota(limits));
    }

    /// <summary>The calling thread enters the group while it starts the process, which inherits the group; then the thread goes back.</summary>
    public override ChildProcess StartFirst(string[] command, SafeFileHandle[] descriptors) => ChildProcess.StartFirst(command, descriptors, Folders);

    public override SandboxUsage Usage() => new(
        Read(FileOf("memory", "memory.max_usage_in_bytes")),
        TimeSpan.FromMicroseconds(Read(FileOf("cpuacct", "cpuacct.usage")) / 1000),
        ReadEntry(FileOf("memory", "memory.oom_control"), "oom_kill") > 0);

    private string FileOf(string controller, string file) => $"{folders[controller]}/{file}";
}
