using System.Globalization;
using Lazaret.Node.Configuration;

namespace Lazaret.Node.Sandboxes;

/// <summary>Section <c>Lazaret:Sandbox:Limits</c>: the most that the manifest of a visiting program may ask for.</summary>
public sealed record LimitOptions
{
    /// <summary>Memory, in MiB. 8192; 16 to 1048576.</summary>
    public int MemoryMiB { get; init; } = 8192;

    /// <summary>Processors; 0 takes as many as the machine has. 0; 0 to 1024.</summary>
    public double Cpus { get; init; }

    /// <summary>Processes and threads together. 1024; 1 to 32768.</summary>
    public int Pids { get; init; } = 1024;

    /// <summary>Wall-clock time, in seconds. 3600; 1 to 86400.</summary>
    public int TimeoutSeconds { get; init; } = 3600;

    /// <summary>The output file, in KiB. 1024; 1 to 1024.</summary>
    public int OutputKiB { get; init; } = 1024;

    /// <summary>What is kept of stdout and stderr, in KiB. 1024; 1 to 65536.</summary>
    public int LogKiB { get; init; } = 1024;

    private long Memory => (long)MemoryMiB << 20;

    private double Processors => Cpus > 0 ? Cpus : Environment.ProcessorCount;

    private TimeSpan Timeout => TimeSpan.FromSeconds(TimeoutSeconds);

    /// <summary>The limits of a manifest that are beyond the site's: each member, and why.</summary>
    public IReadOnlyList<string> Excesses(SandboxLimits asked)
    {
        var excesses = new List<string>();
        Compare("memory", asked.Memory > Memory, $"{MemoryMiB}MiB", nameof(MemoryMiB));
        Compare("cpus", asked.Cpus > Processors, $"{Processors}", nameof(Cpus));
        Compare("pids", asked.Pids > Pids, $"{Pids}", nameof(Pids));
        Compare("timeout", asked.Timeout > Timeout, $"{TimeoutSeconds}s", nameof(TimeoutSeconds));
        Compare("output", asked.Output > OutputKiB << 10, $"{OutputKiB}KiB", nameof(OutputKiB));
        Compare("log", asked.Log > LogKiB << 10, $"{LogKiB}KiB", nameof(LogKiB));
        return excesses;

        void Compare(string member, bool exceeds, FormattableString most, string key)
        {
            if (exceeds)
                excesses.Add($"{member}: is more than this site allows, {most.ToString(CultureInfo.InvariantCulture)} (Lazaret:Sandbox:Limits:{key})");
        }
    }

    /// <summary>For each limit the smaller of both: a maximum that the operator has lowered also applies to programs registered before.</summary>
    public SandboxLimits Bound(SandboxLimits asked) => asked with
    {
        Memory = Math.Min(asked.Memory, Memory),
        Cpus = Math.Min(asked.Cpus, Processors),
        Pids = Math.Min(asked.Pids, Pids),
        Timeout = asked.Timeout < Timeout ? asked.Timeout : Timeout,
        Output = Math.Min(asked.Output, OutputKiB << 10),
        Log = Math.Min(asked.Log, LogKiB << 10),
    };

    internal void Check(OptionFaults faults)
    {
        faults.Range("Sandbox:Limits:MemoryMiB", MemoryMiB, 16, 1 << 20);
        faults.Range("Sandbox:Limits:Cpus", Cpus, 0, 1024);
        faults.Range("Sandbox:Limits:Pids", Pids, 1, 32_768);
        faults.Range("Sandbox:Limits:TimeoutSeconds", TimeoutSeconds, 1, 86_400);
        faults.Range("Sandbox:Limits:OutputKiB", OutputKiB, 1, 1024);
        faults.Range("Sandbox:Limits:LogKiB", LogKiB, 1, 64 << 10);
    }
}
