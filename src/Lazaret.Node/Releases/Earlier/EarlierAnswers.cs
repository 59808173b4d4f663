using Lazaret.Disclosure;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases.Earlier;

/// <summary>Compares answers with those that were given before: two of them may tell of few subjects what neither tells alone, which no ledger sees.</summary>
internal sealed class EarlierAnswers(ReleaseBook book, DisclosureOptions options)
{
    /// <summary>The control that withholds these answers; null for none. The caller has the book's turn.</summary>
    /// <param name="asked">The answers.</param>
    /// <param name="minimum">k.</param>
    /// <param name="hasOutcome">Whether the data that were asked have an outcome of that name: it is then never taken for another's earlier name.</param>
    public BlockRule? FindConflict(IReadOnlyList<ComparedAnswer> asked, int minimum, Func<string, bool> hasOutcome)
    {
        if (options.Has(DisclosureControlName.C2))
        {
            if (DifferByFew(asked, minimum))
                return BlockRule.Difference;
            if (asked.DistinctBy(answer => (answer.Outcome, answer.Cohort)).Any(answer => IsChangedForFew(answer, minimum, hasOutcome)))
                return BlockRule.Difference;
        }

        return asked.Any(answer => IsOtherScheme(answer, minimum, hasOutcome)) ? BlockRule.OtherScheme : null;
    }

    /// <summary>Control C2: whether a cohort differs from another that was answered, or is about to be, by fewer subjects than the minimum.</summary>
    private bool DifferByFew(IReadOnlyList<ComparedAnswer> asked, int minimum)
    {
        SubjectSet[] cohorts = [.. asked.Select(answer => answer.Cohort).Distinct()];
        return book.Charged.Select(entry => entry.Charge.Cohort).Distinct().Concat(cohorts)
            .Any(answered => Array.Exists(cohorts, cohort => CohortCheck.DifferByFew(cohort, answered, minimum)));
    }

    /// <summary>
    /// Control C2 for values: whether an outcome has other values for fewer than k subjects of this cohort than it had in an answer about another state of the data. The
    /// two answers would together tell their values.
    /// </summary>
    private bool IsChangedForFew(ComparedAnswer asked, int minimum, Func<string, bool> hasOutcome) => book.Charged
        .Where(entry => entry.DataVersion != asked.DataVersion)
        .DistinctBy(entry => (entry.Outcome, entry.DataVersion, entry.Charge.Cohort))
        .Any(entry => (entry.Outcome == asked.Outcome || !hasOutcome(entry.Outcome))
            && OutcomeValues.Compare((asked.Cohort, asked.Values), (entry.Charge.Cohort, entry.Values)) is { Changed: > 0 } compared && compared.Changed < minimum
            && (entry.Outcome == asked.Outcome || OutcomeValues.AreOne(compared, minimum)));

    /// <summary>Whether the same people and outcome, whatever its name was then, were cross-validated in another way.</summary>
    private bool IsOtherScheme(ComparedAnswer asked, int minimum, Func<string, bool> hasOutcome) => CrossValidationScheme.Of(asked.Answer) is { } scheme
        && book.Charged.Any(entry => entry.Charge.Cohort.Equals(asked.Cohort) && scheme.IsOtherThan(CrossValidationScheme.Of(entry.Answer)) && (entry.Outcome == asked.Outcome
            || (!hasOutcome(entry.Outcome) && OutcomeValues.AreOne(OutcomeValues.Compare((asked.Cohort, asked.Values), (entry.Charge.Cohort, entry.Values)), minimum))));
}
