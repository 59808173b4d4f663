using Lazaret.Node.Jobs;

namespace Lazaret.Node.Releases.Reviews;

/// <summary>What became of a steward's word about a held result. The set is closed.</summary>
internal abstract record ReviewOutcome
{
    /// <summary>No result of such a job was ever held.</summary>
    public sealed record NoSuchReview : ReviewOutcome;

    /// <summary>The steward asked for it themselves.</summary>
    public sealed record OwnRequest : ReviewOutcome;

    /// <summary>It was decided before, or withdrawn.</summary>
    public sealed record Over(JobState State) : ReviewOutcome;

    /// <summary>The word counts.</summary>
    /// <param name="State">How the job stands now.</param>
    /// <param name="Missing">How many further stewards must approve.</param>
    public sealed record Counted(JobState State, int Missing) : ReviewOutcome;
}
