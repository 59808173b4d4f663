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
            if (asked.DistinctBy(answer => (answer.Outcome, answer.Cohort, answer.Values.Digest)).Any(answer => IsChangedForFew(answer, minimum, hasOutcome)))
                return BlockRule.Difference;
        }

        if (options.Has(DisclosureControlName.C7) && LeavesFew(asked))
            return BlockRule.Outcome;
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
    /// Control C2 for values: whether an outcome has other values for fewer than k subjects of this cohort than it had in another answer, about another state of the data or
    /// another visit. The two answers would together tell their values, and many such pairs do so whatever noise each has.
    /// </summary>
    private bool IsChangedForFew(ComparedAnswer asked, int minimum, Func<string, bool> hasOutcome)
    {
        var known = Counted(book.Charged.Select(entry => entry.Compared)).ToList();
        return asked.Told.Any(told => known
            .Where(one => one.Told.Outcome == told.Outcome || !hasOutcome(one.Told.Outcome))
            .Any(one => OutcomeValues.Compare((asked.Cohort, told.Values), (one.Cohort, one.Told.Values)) is { Changed: > 0 } compared && compared.Changed < minimum
                && (one.Told.Outcome == told.Outcome || OutcomeValues.AreOne(compared, minimum))));
    }

    // Most answers are about a few cohorts, and about the same values.
    private static IEnumerable<(SubjectSet Cohort, ToldValues Told)> Counted(IEnumerable<ComparedAnswer> answers) =>
        answers.SelectMany(answer => answer.Told.Select(told => (answer.Cohort, told))).DistinctBy(told => (told.told.Outcome, told.Cohort, told.told.Values.Digest));

    /// <summary>Whether the same people and outcome, whatever its name was then, were cross-validated in another way.</summary>
    private bool IsOtherScheme(ComparedAnswer asked, int minimum, Func<string, bool> hasOutcome) => CrossValidationScheme.Of(asked.Answer) is { } scheme
        && book.Charged.Any(entry => entry.Charge.Cohort.Equals(asked.Cohort) && scheme.IsOtherThan(CrossValidationScheme.Of(entry.Answer)) && (entry.Outcome == asked.Outcome
            || (!hasOutcome(entry.Outcome) && OutcomeValues.AreOne(OutcomeValues.Compare((asked.Cohort, asked.Values), (entry.Charge.Cohort, entry.Values)), minimum))));

    /// <summary>
    /// Control C7 for differences: an answer about two values says how many of the cohort have each. Wherever the counts of two or three cohorts, added and subtracted, are
    /// those of a group of people, these must have enough of both values, as if they were asked about.
    /// </summary>
    private bool LeavesFew(IReadOnlyList<ComparedAnswer> asked)
    {
        var told = CountedIn(asked);
        if (told.Count == 0)
            return false;
        var earlier = CountedIn(book.Charged.Select(entry => entry.Compared));
        return told.Exists(one => CountedCohort.LeaveFew(one, [.. earlier.Concat(told).Where(other => !other.Cohort.Equals(one.Cohort)).SelectMany(one.Known)]));
    }

    // Of one outcome and cohort there may be counts of several visits.
    private static List<CountedCohort> CountedIn(IEnumerable<ComparedAnswer> answers) =>
        [.. answers.Select(CountedCohort.Of).OfType<CountedCohort>().DistinctBy(counted => (counted.Outcome, counted.Cohort, counted.Values.Digest))];
}
