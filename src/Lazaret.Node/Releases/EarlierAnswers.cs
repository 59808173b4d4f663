using Lazaret.Disclosure;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases;

/// <summary>Compares answers with those that were given before: two of them may tell of few subjects what neither tells alone, which no ledger sees.</summary>
internal sealed class EarlierAnswers(ReleaseBook book, DisclosureOptions options, ICrossValidations crossValidations)
{
    /// <summary>The control that withholds these answers; null for none. The caller has the book's turn.</summary>
    /// <param name="asked">The answers.</param>
    /// <param name="minimum">k.</param>
    /// <param name="hasOutcome">Whether the data have an outcome of that name now. An earlier answer about one that they have is no earlier answer about another.</param>
    public BlockRule? FindConflict(IReadOnlyList<ComparedAnswer> asked, int minimum, Func<string, bool> hasOutcome) =>
        options.Has(DisclosureControlName.C2) && (DifferByFew(asked, minimum) || asked.DistinctBy(answer => (answer.Outcome, answer.Cohort)).Any(answer => IsChangedForFew(answer, minimum, hasOutcome))) ? BlockRule.Difference
        : asked.Any(IsOtherScheme) ? BlockRule.OtherScheme
        : null;

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
    private bool IsChangedForFew(ComparedAnswer asked, int minimum, Func<string, bool> hasOutcome) =>
        book.Charged.Where(entry => entry.DataVersion != asked.DataVersion).DistinctBy(entry => (entry.Outcome, entry.DataVersion, entry.Charge.Cohort)).Any(entry =>
        {
            if (entry.Outcome != asked.Outcome && hasOutcome(entry.Outcome))
                return false;
            var compared = OutcomeValues.Compare((asked.Cohort, asked.Values), (entry.Charge.Cohort, entry.Values));
            return compared.Changed > 0 && compared.Changed < minimum && (entry.Outcome == asked.Outcome || OutcomeValues.AreOne(compared, minimum));
        });

    private bool IsOtherScheme(ComparedAnswer asked) => crossValidations.OtherThan(asked.Answer) is { } isOther
        && book.Charged.Any(entry => entry.Outcome == asked.Outcome && entry.Charge.Cohort.Equals(asked.Cohort) && isOther(entry.Answer));
}

/// <summary>What of an answer is compared with earlier ones.</summary>
/// <param name="Outcome">The outcome's name.</param>
/// <param name="DataVersion">The state of the data.</param>
/// <param name="Cohort">The subjects behind it.</param>
/// <param name="Values">Of its outcome.</param>
/// <param name="Answer">What leaves, as JSON.</param>
internal sealed record ComparedAnswer(string Outcome, string DataVersion, SubjectSet Cohort, OutcomeValues Values, byte[] Answer);

/// <summary>Reads answers of cross-validations. The subjects of a cohort that is cut another way are other folds, and the difference tells of few.</summary>
internal interface ICrossValidations
{
    /// <summary>Tells of an earlier answer about the same cohort and outcome whether it used another scheme; null when <paramref name="answer"/> is no cross-validation.</summary>
    Func<byte[], bool>? OtherThan(byte[] answer);
}
