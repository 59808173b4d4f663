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

    /// <summary>An approval by numbers that do not hold any more: together with what was released since, the result would tell more. The review has the new numbers.</summary>
    public sealed record Outdated : ReviewOutcome
    {
        public const string Words =
            "Other answers were released since, and together with them this one would tell more than the review said. It has the new numbers now, and approvals by the old ones do not count any more: look at them, and decide again.";
    }

    /// <summary>The word counts.</summary>
    /// <param name="State">How the job stands now.</param>
    /// <param name="Missing">How many further stewards must approve.</param>
    public sealed record Counted(JobState State, int Missing) : ReviewOutcome;
}
