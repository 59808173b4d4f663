using Lazaret.Node.Jobs;

namespace Lazaret.Node.Runs;

/// <summary>What differs between the kinds of jobs: how the run is prepared, and what the program's output means.</summary>
public interface IJobProcedure
{
    JobKind Kind { get; }

    /// <summary>What this machine lacks, now, to run jobs of this kind.</summary>
    Task<IReadOnlyList<Lack>> FindLacksAsync(CancellationToken cancellationToken);

    /// <summary>Prepares the run, together with the function that reads its output.</summary>
    Task<Preparation> PrepareAsync(ClaimedJob claimed, byte[] input, CancellationToken cancellationToken);
}
