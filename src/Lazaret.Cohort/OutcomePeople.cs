using System.Globalization;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>Outcomes whose people differ by a few. The disclosure control of differences (C2) compares the people of any two answers: of such outcomes only the one that is asked about first can be answered.</summary>
internal static class OutcomePeople
{
    /// <summary>The minimum cohort of a node that is not set otherwise.</summary>
    public const int UsualMinimum = 20;

    /// <summary>So many pairs are told one by one.</summary>
    private const int MostPairs = 5;

    /// <param name="view">Whose outcomes they are.</param>
    /// <param name="isUsable">Of each row, whether its volume can be used.</param>
    /// <param name="minimum">The smallest difference that is answered; 0 where none is too small.</param>
    public static IEnumerable<Fault> Findings(DataView view, bool[] isUsable, int minimum)
    {
        // Those of fewer people are not offered.
        var people = view.Outcomes
            .Select(outcome => (Name: outcome.Key, People: Enumerable.Range(0, view.Rows.Count).Where(row => isUsable[row] && double.IsFinite(outcome.Value[row])).Select(row => view.Rows[row].SubjectId).ToHashSet(StringComparer.Ordinal)))
            .Where(outcome => outcome.People.Count >= minimum).ToList();
        var pairs = new FaultList<Fault>(MostPairs);
        for (var i = 0; i < people.Count; i++)
        {
            for (var j = i + 1; j < people.Count; j++)
            {
                var (here, there) = (people[i], people[j]);
                var both = here.People.Count(there.People.Contains);
                var (without, beyond) = (here.People.Count - both, there.People.Count - both);
                if (IsFew(without, minimum) || IsFew(beyond, minimum))
                    pairs.Add((here, there, without + beyond, minimum), static of => new Fault(DataView.OutcomesFile, 0, 0, string.Create(CultureInfo.InvariantCulture, $"{Quoted.Bare(of.here.Name)} ({of.here.People.Count} people) and {Quoted.Bare(of.there.Name)} ({of.there.People.Count}) differ by {(of.Item3 == 1 ? "1 person" : $"{of.Item3} people")}: whoever is answered about one is refused about the other while the minimum cohort is {of.minimum}; give both the same people, or offer one")));
            }
        }

        return pairs.More == 0 ? pairs : pairs.Append(new Fault(DataView.OutcomesFile, 0, 0, string.Create(CultureInfo.InvariantCulture, $"{pairs.More} more pairs of outcomes differ by so few people")));
    }

    private static bool IsFew(int people, int minimum) => people > 0 && people < minimum;
}
