using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases.Earlier;

/// <summary>A cohort of which an answer says how many have each of its outcome's two values, as an area under the ROC curve does beside it.</summary>
internal sealed record CountedCohort(string Outcome, SubjectSet Cohort, OutcomeValues Values, int Ones, int Zeros)
{
    /// <summary>Null for an answer that does not say so.</summary>
    public static CountedCohort? Of(ComparedAnswer answer) =>
        answer.Answer.Length > 0 && JsonSerializer.Deserialize<Counts>(answer.Answer) is { Ones: { } ones, Zeros: { } zeros } ? new(answer.Outcome, answer.Cohort, answer.Values, ones, zeros) : null;

    /// <summary>What another cohort's counts say of this one's outcome, whatever its name is there: nothing, unless those whom both have show that the outcomes are one.</summary>
    public IEnumerable<CountedCohort> Known(CountedCohort other)
    {
        if (other.Outcome == Outcome)
            return [other];
        var (common, changed) = OutcomeValues.Compare((Cohort, Values), (other.Cohort, other.Values));
        // Where everybody has another value, it is the opposite outcome, or the same one in other codes.
        return common == 0 ? [] : changed == 0 ? [other] : changed == common ? [other, other with { Ones = other.Zeros, Zeros = other.Ones }] : [];
    }

    /// <summary>Whether the counts of a cohort, with those of one or two others, are left with a group that has too few of a value.</summary>
    public static bool LeaveFew(CountedCohort one, IReadOnlyList<CountedCohort> others)
    {
        for (var i = 0; i < others.Count; i++)
        {
            var second = others[i];
            if ((IsWithin(second, one) && IsFew(one.Ones - second.Ones, one.Zeros - second.Zeros)) || (IsWithin(one, second) && IsFew(second.Ones - one.Ones, second.Zeros - one.Zeros)))
                return true;
            for (var j = 0; j < i; j++)
            {
                if (!second.Cohort.Equals(others[j].Cohort) && (LeavesFew(one, second, others[j]) || LeavesFew(one, others[j], second) || LeavesFew(second, others[j], one)
                    || IsLeftOf(one, second, others[j]) || IsLeftOf(second, one, others[j]) || IsLeftOf(others[j], one, second)))
                    return true;
            }
        }

        return false;
    }

    /// <summary>First and second less the third, where that is a group: all whom both have are in the third, and nobody whom neither has.</summary>
    private static bool LeavesFew(CountedCohort first, CountedCohort second, CountedCohort less) =>
        IsFew(first.Ones + second.Ones - less.Ones, first.Zeros + second.Zeros - less.Zeros)
        && less.Cohort.CountIn(first.Cohort) + less.Cohort.CountIn(second.Cohort) - first.Cohort.CountIn(second.Cohort) == less.Cohort.Count
        && first.Cohort.Count + second.Cohort.Count > less.Cohort.Count;

    /// <summary>What two cohorts without a common member leave of one that holds both.</summary>
    private static bool IsLeftOf(CountedCohort whole, CountedCohort first, CountedCohort second) =>
        IsFew(whole.Ones - first.Ones - second.Ones, whole.Zeros - first.Zeros - second.Zeros)
        && first.Cohort.CountIn(second.Cohort) == 0 && first.Cohort.CountIn(whole.Cohort) == first.Cohort.Count && second.Cohort.CountIn(whole.Cohort) == second.Cohort.Count
        && first.Cohort.Count + second.Cohort.Count < whole.Cohort.Count;

    private static bool IsWithin(CountedCohort one, CountedCohort other) => one.Cohort.Count < other.Cohort.Count && one.Cohort.CountIn(other.Cohort) == one.Cohort.Count;

    // What is below zero is no group's: that leaves few whose members are looked at.
    private static bool IsFew(int ones, int zeros) => ones >= 0 && zeros >= 0 && Math.Min(ones, zeros) < OutcomeCheck.SmallestMinority;

    private sealed record Counts([property: JsonPropertyName("n1")] int? Ones, [property: JsonPropertyName("n0")] int? Zeros);
}
