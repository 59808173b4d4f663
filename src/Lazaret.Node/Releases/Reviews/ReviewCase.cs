using Lazaret.Node.Jobs;
using Lazaret.Node.Projects;

namespace Lazaret.Node.Releases.Reviews;

/// <summary>A held result as a steward sees it: everything but what it says, and what colleagues think as long as they have said nothing themselves.</summary>
internal sealed record ReviewCase(Review Review, Job Job)
{
    /// <summary>The study; null outside any.</summary>
    public Project? Project { get; init; }

    /// <summary>The steward's own vote, and once there is one, everybody's.</summary>
    public required IReadOnlyList<ReviewVote> Votes { get; init; }

    /// <summary>What became of the requester's cohort jobs.</summary>
    public IReadOnlyDictionary<JobState, int> History { get; init; } = new Dictionary<JobState, int>();

    /// <summary>Other jobs that wait for one of the same answers.</summary>
    public IReadOnlyList<Guid> SameQuestion { get; init; } = [];
}
