using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Runs;

/// <summary>Whether a job can be laid before a sandbox. The set is closed.</summary>
public abstract record Preparation
{
    public sealed record Ready(SandboxRun Run) : Preparation;

    /// <summary>It never can be, and why, in words fit for its requester.</summary>
    public sealed record Impossible(string Why) : Preparation;

    /// <summary>Something of the host is away, and may come back.</summary>
    public sealed record NotNow(string Why) : Preparation;
}
