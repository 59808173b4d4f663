namespace Lazaret.Disclosure;

/// <summary>Whether a result may leave. The set is closed.</summary>
public abstract record Verdict
{
    /// <summary>It may, in this form and no other.</summary>
    public sealed record Release(IReadOnlyList<ReleasedResult> Results) : Verdict;

    /// <summary>It may not. The rule is for the steward alone: a requester who learns it learns something about the cohort.</summary>
    public sealed record Block(BlockRule Rule) : Verdict;
}
