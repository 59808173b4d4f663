using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Scores;
using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Answers;

/// <summary>
/// Ranks are whole numbers, whatever the outcome is. The map gives three scores: a lowest one to a few subjects, a middle one to the target, the highest to all
/// others; how many are few is chosen so that highest and lowest rank are q steps apart, and the target's is one step above the lowest. Spearman's ρ, with its p,
/// then tells the rank of the target's outcome modulo q; three values of q together tell the rank.
/// </summary>
internal sealed class RankRemainders : IAttack
{
    // 60 = 3 · 4 · 5.
    private const int Subjects = 59;
    private const int Targets = 5;

    private static readonly int[] Moduli = [3, 4, 5, 3, 4, 5];

    public string Name => "rank-remainders";

    public string Control => "Discrete";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) => [.. scale.Numbers.Select(number => new SeededCohort(Name, number, Subjects))];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        var found = new List<(double Estimate, double Truth)>();
        foreach (var cohort in round.Cohorts)
        {
            var ranks = RanksOf(cohort.Values);
            for (var target = 0; target < Targets; target++)
            {
                var possible = Enumerable.Range(1, Subjects).ToList();
                var isAnswered = false;
                foreach (var q in Moduli)
                {
                    var scores = Draw(cohort, target, q);
                    var answer = await round.Attacker.AskAsync(new Question(cohort.Outcome, cohort.MapOf(scores)) { Stat = "spearman" }, cancellationToken);
                    if (!answer.IsReleased)
                        break;
                    isAnswered = true;
                    possible.RemoveAll(rank => !Fits(scores, q, rank, answer.Results[0]));
                }

                if (isAnswered)
                    found.Add((possible.Count > 0 ? possible.Average() : (Subjects + 1) / 2.0, ranks[target]));
            }
        }

        return Recovered.Correlation(found);
    }

    private static double[] Draw(SeededCohort cohort, int target, int q)
    {
        int[] others = [.. Enumerable.Range(0, Subjects).Where(member => member != target)];
        cohort.Random.Shuffle(others);
        var low = others.Take((Subjects + 1) / q - 1).ToHashSet();
        return [.. Enumerable.Range(0, Subjects).Select(member => member == target ? 1.0 : low.Contains(member) ? 0 : 2)];
    }

    /// <summary>Whether some whole number of q, and the rank, make the R and p that were answered.</summary>
    private static bool Fits(double[] scores, int q, int rank, AnsweredMap answer)
    {
        var used = RanksOf(scores);
        var (mean, unit, sum) = ((Subjects + 1) / 2.0, (used.Max() - used.Min()) / q, Subjects * (Subjects + 1) / 2);
        var length = Math.Sqrt(used.Sum(score => (score - mean) * (score - mean)) * Subjects * (Subjects * Subjects - 1) / 12.0);
        // All of the sums that round to R; there are few.
        var lowest = (used.Min() - mean) * sum;
        var (from, to) = (((answer.R - 0.00051) * length - lowest) / unit, ((answer.R + 0.00051) * length - lowest) / unit);
        for (var total = Math.Ceiling(from); total <= to; total++)
        {
            var r = (lowest + total * unit) / length;
            if ((total - rank) % q == 0 && Math.Abs(ReleasedCorrelation.P(Statistic.Spearman, r, Subjects, 0, 0)!.Value - answer.P) <= 0.00051)
                return true;
        }

        return false;
    }

    private static double[] RanksOf(double[] values) => [.. values.Select(value => values.Count(other => other < value) + (values.Count(other => other == value) + 1) / 2.0)];
}
