using Lazaret.Node.Jobs;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Runs;

/// <summary>How a run failed that its program did not complete.</summary>
internal static class RunFailure
{
    public static RunReport.Failed Of(SandboxOutcome outcome, SandboxLimits limits) => outcome switch
    {
        SandboxOutcome.Exited exited => new(RunEnd.Exited, $"the program ended with exit code {exited.ExitCode}"),
        SandboxOutcome.TimedOut => new(RunEnd.TimedOut, $"the program was stopped at its limit of {limits.Timeout.TotalSeconds} s"),
        SandboxOutcome.BadOutput bad => new(RunEnd.BadOutput, bad.Why),
        _ => throw new InvalidOperationException($"{outcome.GetType().Name} is no failure"),
    };
}
