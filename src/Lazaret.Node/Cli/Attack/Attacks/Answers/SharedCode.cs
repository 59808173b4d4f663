using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Answers;

/// <summary>
/// Two maps that differ by a little of one subject, each beside a voxel where no scan has anything and that is so large that all others round to 0: both are one map to whoever
/// compares rounded ones. One is asked about with another null, so that it is another question. If both have one noise, the sign of the difference is that one's binary outcome.
/// </summary>
internal sealed class SharedCode : IAttack
{
    private const int Targets = 10;

    // Of the length of the scores: a pair tells little of its target, as a ledger counts, and what all pairs have in common is told once.
    private const double Share = 0.1;

    // Less than half a step of ten bits, beside the voxel that is 1.
    private const double Hidden = 0.4 / 511;

    public string Name => "shared-code";

    public string Control => "C0, Discrete";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) => [.. scale.Numbers.Select(number => new SeededCohort(Name, number, Math.Min(scale.LargeSize, ScanLayout.Members - 1), isBinary: true))];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        var right = new List<bool>();
        foreach (var cohort in round.Cohorts)
        {
            double[] others = [.. Enumerable.Range(0, cohort.Size).Select(_ => cohort.Random.NextDouble() - 0.5)];
            var by = Share * Math.Sqrt(others.Sum(score => score * score));
            for (var target = 0; target < Targets; target++)
            {
                var more = await round.Attacker.AskAsync(new Question(cohort.Outcome, Hide(cohort, others, target, by)), cancellationToken);
                var less = await round.Attacker.AskAsync(new Question(cohort.Outcome, Hide(cohort, others, target, -by)) { Null = "permutation" }, cancellationToken);
                if (more.IsReleased && less.IsReleased && more.Results[0].R != less.Results[0].R)
                    right.Add(more.Results[0].R > less.Results[0].R == cohort.Values[target] > 0);
            }
        }

        return Recovered.Accuracy(right);
    }

    private static float[] Hide(SeededCohort cohort, double[] others, int target, double by)
    {
        var scores = others.ToArray();
        scores[target] += by;
        var largest = scores.Max(Math.Abs);
        var map = cohort.MapOf([.. scores.Select(score => Hidden * score / largest)]);
        map[ScanLayout.VoxelOf(ScanLayout.Members - 1)] = 1;
        return map;
    }
}
