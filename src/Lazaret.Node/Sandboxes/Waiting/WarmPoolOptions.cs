using Lazaret.Node.Configuration;

namespace Lazaret.Node.Sandboxes.Waiting;

/// <summary>Section <c>Lazaret:Sandbox:WarmPool</c>.</summary>
public sealed record WarmPoolOptions
{
    /// <summary>How many sandboxes may wait for their runs; 0 prepares none. 1; 0 to 64.</summary>
    public int Size { get; init; } = 1;

    /// <summary>After how many seconds a sandbox that waits is ended; it may be up to twice as many. 600; 1 to 86400.</summary>
    public int IdleSeconds { get; init; } = 600;

    internal TimeSpan Idle => TimeSpan.FromSeconds(IdleSeconds);

    internal void Check(OptionFaults faults)
    {
        faults.Range("Sandbox:WarmPool:Size", Size, 0, 64);
        faults.Range("Sandbox:WarmPool:IdleSeconds", IdleSeconds, 1, 86_400);
    }
}
