namespace Lazaret.Node.Sandboxes;

/// <summary>How a run ended. The set is closed: whoever handles an outcome handles all of them.</summary>
/// <param name="Log">The head of stdout and stderr, for the operator alone.</param>
/// <param name="Wall">From start to end.</param>
public abstract record SandboxOutcome(string Log, TimeSpan Wall)
{
    /// <summary>What the run took; null where the backend cannot count it.</summary>
    public SandboxUsage? Usage { get; init; }

    /// <summary>Exit code 0 and an output file within its limit. The bytes are the program's: trust nothing in them.</summary>
    public sealed record Completed(ReadOnlyMemory<byte> Output, string Log, TimeSpan Wall) : SandboxOutcome(Log, Wall);

    /// <summary>The program ended by itself with another exit code, or by a signal (128 + its number).</summary>
    public sealed record Exited(int ExitCode, string Log, TimeSpan Wall) : SandboxOutcome(Log, Wall);

    /// <summary>The wall-clock limit passed, and the process tree was killed.</summary>
    public sealed record TimedOut(string Log, TimeSpan Wall) : SandboxOutcome(Log, Wall);

    /// <summary>Exit code 0, but the output is absent, no regular file, a link, or over its limit.</summary>
    public sealed record BadOutput(string Why, string Log, TimeSpan Wall) : SandboxOutcome(Log, Wall);
}
