namespace Lazaret.Disclosure;

/// <summary>Whether a result may leave. The set is closed.</summary>
public abstract record Verdict
{
    /// <summary>It may, in this form and no other.</summary>
    public sealed record Release(IReadOnlyList<ReleasedResult> Results) : Verdict;

    /// <summary>It may not. The rule is for the steward alone: a requester who learns it learns something about the cohort.</summary>
    public sealed record Block(BlockRule Rule) : Verdict;
}

/// <summary>What leaves: n, and R and p with three decimals.</summary>
public sealed record ReleasedResult(int N, decimal R, decimal P);

/// <summary>The control that kept a result back.</summary>
public enum BlockRule
{
    /// <summary>Fewer subjects than <see cref="DisclosurePolicy.MinimumCohort"/>.</summary>
    MinimumCohort,

    /// <summary>No correlation exists: saying so would tell that scores or outcomes are all alike.</summary>
    Degenerate,
}
