using Lazaret.Node.Jobs;

namespace Lazaret.Node.Releases;

/// <summary>The answers of one run, about which one decision is made.</summary>
internal sealed record DecisionRequest
{
    public required Job Job { get; init; }

    /// <summary>The task, by the name that review policies use.</summary>
    public required string Task { get; init; }

    /// <summary>The policy within the job's project.</summary>
    public required Lazaret.Disclosure.DisclosurePolicy Policy { get; init; }

    /// <summary>One a map.</summary>
    public required IReadOnlyList<Question> Questions { get; init; }

    /// <summary>The outcome, then those that are taken out as covariates: the answers are charged for each.</summary>
    public required IReadOnlyList<ToldOutcome> Told { get; init; }

    /// <summary>Whether an outcome is discrete; false for one that the data no longer have.</summary>
    public required Func<string, bool> IsDiscrete { get; init; }

    /// <summary>Whether the data have an outcome of this name now.</summary>
    public required Func<string, bool> HasOutcome { get; init; }

    /// <summary>All subjects of the data view.</summary>
    public required IReadOnlyCollection<string> Everybody { get; init; }

    /// <summary>
    /// The earliest time at which the decision is shown; null for the next tick. Scoring takes the same time for every cohort, the decision does not. So the answer
    /// waits for twice the run's time (at most ten seconds), and the decision's own time cannot be seen.
    /// </summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Whether a program that the node did not write answered: then its scores are not known, and nothing is charged.</summary>
    public bool IsVisiting { get; init; }
}
