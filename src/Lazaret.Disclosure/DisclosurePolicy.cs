namespace Lazaret.Disclosure;

/// <summary>What the steward demands of a result before it may leave.</summary>
public sealed record DisclosurePolicy
{
    /// <summary>The smallest number of subjects behind an answer (control C1).</summary>
    public required int MinimumCohort { get; init; }
}
