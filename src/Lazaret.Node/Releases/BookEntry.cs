using Lazaret.Disclosure.Ledgers;
using Lazaret.Node.Releases.Earlier;

namespace Lazaret.Node.Releases;

/// <summary>A release, opened.</summary>
internal sealed class BookEntry
{
    public required long Sequence { get; init; }

    public required string Query { get; init; }

    public required string Outcome { get; init; }

    /// <inheritdoc cref="Question.AlsoTold"/>
    public required IReadOnlyList<string> AlsoTold { get; init; }

    public required LedgerCharge Charge { get; init; }

    /// <summary>What its subjects had then.</summary>
    public required OutcomeValues Values { get; init; }

    /// <summary>What its subjects had then of each outcome among its covariates.</summary>
    public required IReadOnlyList<OutcomeValues> AlsoValues { get; init; }

    public required byte[] Answer { get; init; }

    public required string DataVersion { get; init; }

    /// <inheritdoc cref="ReleaseContent.Rho"/>
    public required decimal Rho { get; init; }

    public required ReleaseState State { get; set; }

    /// <summary>Who was given it; jobs outside any project count as the one without a name.</summary>
    public HashSet<string> Projects { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it counts in ledgers.</summary>
    public bool IsCharged => State is ReleaseState.Released or ReleaseState.Held or ReleaseState.Refused;

    public ComparedAnswer Compared => field ??= ComparedAnswer.Of(DataVersion, Charge.Cohort, Outcome, Values, AlsoTold, AlsoValues, Answer);

    /// <summary>Whether it tells of any of these outcomes.</summary>
    public bool IsAbout(IReadOnlyCollection<string> outcomes) => outcomes.Contains(Outcome, StringComparer.Ordinal) || AlsoTold.Any(outcome => outcomes.Contains(outcome, StringComparer.Ordinal));

    public static BookEntry Of(Release release, ReleaseContent content) => new()
    {
        Sequence = release.Sequence,
        Query = release.Query,
        Outcome = release.Outcome,
        AlsoTold = content.AlsoTold,
        Charge = content.Charge,
        Values = content.Values,
        AlsoValues = content.AlsoValues,
        Answer = content.Answer,
        DataVersion = release.DataVersion,
        Rho = content.Rho,
        State = release.State,
    };
}
