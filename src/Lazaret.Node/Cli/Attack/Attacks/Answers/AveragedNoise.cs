using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;
using Lazaret.SampleSite;

namespace Lazaret.Node.Cli.Attack.Attacks.Answers;

/// <summary>
/// One subject has the score 1, all others 0 or 2: whether the sum is odd is that one's binary outcome. Maps that differ only where no scan has anything are
/// different questions with the same scores, so that each has noise of its own and their mean has next to none.
/// </summary>
/// <param name="name">The attack's.</param>
/// <param name="moved">
/// By how much scores are moved at most, half of the maps one way and half the other. No single map's scores are whole numbers then; those of all together are.
/// </param>
internal sealed class AveragedNoise(string name, double moved) : IAttack
{
    private const int Targets = 7;
    private const int Maps = 60;

    public string Name => name;

    public string Control => "Discrete";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) =>
        [.. scale.Numbers.Select(number => new SeededCohort(Name, number, scale.Size, isBinary: true))];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        var right = new List<bool>();
        foreach (var cohort in round.Cohorts)
        {
            for (var target = 0; target < Targets; target++)
            {
                double[] scores = [.. Enumerable.Range(0, cohort.Size).Select(member => member == target ? 1 : 2.0 * cohort.Random.Next(2))];
                double[] shift = [.. scores.Select((_, member) => member == target ? 0 : moved * ((2 * cohort.Random.NextDouble()) - 1))];
                double[][] sent = [.. Enumerable.Range(0, Maps).Select(map => scores.Zip(shift, (score, by) => map % 2 == 0 ? score + by : score - by).ToArray())];
                var answer = await round.Attacker.AskAsync(new Question(cohort.Outcome, [.. sent.Select(each => Vary(cohort, each))]), cancellationToken);
                // R times the length of the scores is a sum over subjects; the shifts cancel in the sum of these.
                double[] sums = [.. answer.Results.Zip(sent, (result, each) => result.R * BitDecoder.LengthOf(each))];
                if (sums.Length > 0)
                    right.Add(BitDecoder.SumOfScores(scores, (int)cohort.Values.Sum(), sums.Average() / BitDecoder.LengthOf(scores)) % 2 == 1 == cohort.Values[target] > 0);
            }
        }

        return Recovered.Accuracy(right);
    }

    /// <summary>The same scores from another map: where the voxels of further members would be, these scans are 0.</summary>
    private static float[] Vary(SeededCohort cohort, double[] scores)
    {
        var map = cohort.MapOf(scores);
        for (var member = cohort.Size; member < ScanLayout.Members; member++)
            map[ScanLayout.VoxelOf(member)] = (float)cohort.Random.NextNormal();
        return map;
    }
}
