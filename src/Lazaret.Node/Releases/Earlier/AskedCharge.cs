using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases.Earlier;

/// <summary>A question with what it would be charged.</summary>
/// <param name="Values">Of its outcome, in the order of the cohort.</param>
/// <param name="AlsoValues">Of each outcome among its covariates.</param>
internal sealed record AskedCharge(Question Question, LedgerCharge Charge, OutcomeValues Values, IReadOnlyList<OutcomeValues> AlsoValues)
{
    public ComparedAnswer Compared => ComparedAnswer.Of(Question.DataVersion, Charge.Cohort, Question.Outcome, Values, Question.AlsoTold, AlsoValues, Question.Answer);

    /// <param name="tags">Of this decision.</param>
    /// <param name="question">The question.</param>
    /// <param name="indices">Of every subject, its index in the ledger.</param>
    /// <param name="unfit">Set to the reason when no charge is returned, unless it is set already.</param>
    public static AskedCharge? Of(ValueTags tags, Question question, Dictionary<string, int> indices, ref BlockRule? unfit)
    {
        // The ledger has the subjects in the order of their indices.
        var places = question.Subjects.Select((subject, at) => (Index: indices[subject], At: at)).OrderBy(place => place.Index).ToArray();
        var cohort = SubjectSet.Of([.. places.Select(place => place.Index).Distinct()]);
        if (cohort.Count < places.Length || cohort.Count == 0)
        {
            unfit ??= cohort.Count == 0 ? BlockRule.MinimumCohort : BlockRule.RepeatedSubject;
            return null;
        }

        var order = Array.ConvertAll(places, place => place.At);
        return new AskedCharge(question, new LedgerCharge(cohort, [.. question.Rows.Select(row => row.InOrder(order))], question.Bits), Tagged(question.Values), [.. question.AlsoValues.Select(Tagged)]);

        OutcomeValues Tagged(IReadOnlyList<double> values) =>
            values.Count == 0 ? OutcomeValues.Unknown : new OutcomeValues(Array.ConvertAll(order, at => tags.Of(question.Subjects[at], values[at])));
    }
}
