namespace Lazaret.Disclosure;

/// <summary>The control that kept a result back.</summary>
public enum BlockRule
{
    /// <summary>Fewer subjects than <see cref="DisclosurePolicy.MinimumCohort"/>.</summary>
    MinimumCohort,

    /// <summary>No correlation exists: saying so would tell that scores or outcomes are all alike.</summary>
    Degenerate,
}
