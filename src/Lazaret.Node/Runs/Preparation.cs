using Lazaret.Node.Jobs;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Runs;

/// <summary>Whether a job can be run here. The set is closed.</summary>
public abstract record Preparation
{
    /// <param name="Run">The program, its input and its bounds.</param>
    /// <param name="Conclude">Reads the program's output, and decides what may leave. It uses what the run was prepared with.</param>
    public sealed record Ready(SandboxRun Run, Func<ReadOnlyMemory<byte>, RunReport> Conclude) : Preparation
    {
        /// <summary>What to make of a run whose program did not complete: what it was given may have gone meanwhile, and then the program is not to blame.</summary>
        public Func<RunReport.Failed, RunReport> Fail { get; init; } = failed => failed;
    }

    /// <summary>It never can be run. The reason is shown to the requester.</summary>
    public sealed record Impossible(string Why) : Preparation;

    /// <summary>Not here, or not now: this machine lacks what <see cref="IJobProcedure.FindLacksAsync"/> says. The job waits.</summary>
    public sealed record NotHere(string Why) : Preparation;
}
