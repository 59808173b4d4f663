namespace Lazaret.Node.Sandboxes;

/// <summary>The bounds of one run. Sizes are in bytes.</summary>
public sealed record SandboxLimits
{
    /// <summary>Wall-clock time from start to end; the whole process tree is killed when it is over.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    public long Memory { get; init; } = 512L << 20;

    /// <summary>How many processors' worth of time the program may use.</summary>
    public double Cpus { get; init; } = 1;

    /// <summary>Processes and threads together.</summary>
    public int Pids { get; init; } = 64;

    /// <summary>The size of <c>/work</c>, a tmpfs, beyond the inputs.</summary>
    public long Work { get; init; } = 4L << 20;

    /// <summary>The size of <c>/tmp</c>, a tmpfs.</summary>
    public long Temp { get; init; } = 16L << 20;

    /// <summary>Files and folders in <c>/work</c> beyond the inputs, and in <c>/tmp</c>, each.</summary>
    public int Inodes { get; init; } = 256;

    /// <summary>The output file; the contract says 1 MiB.</summary>
    public int Output { get; init; } = 1 << 20;

    /// <summary>stdout and stderr together; what comes after is dropped.</summary>
    public int Log { get; init; } = 64 << 10;
}
