using Lazaret.Node.Jobs;

namespace Lazaret.Node.Runs;

/// <summary>What is particular to one kind of job: how it is laid before a sandbox, and what its output means.</summary>
public interface IJobProcedure
{
    JobKind Kind { get; }

    /// <summary>What this machine lacks, now, to run jobs of this kind.</summary>
    Task<IReadOnlyList<Lack>> FindLacksAsync(CancellationToken cancellationToken);

    /// <summary>Lays the run before the sandbox, together with what will conclude it.</summary>
    Task<Preparation> PrepareAsync(ClaimedJob claimed, byte[] input, CancellationToken cancellationToken);
}
