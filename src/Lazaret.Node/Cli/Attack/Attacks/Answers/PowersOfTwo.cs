using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Answers;

/// <summary>Seven subjects have the scores 1, 2, 4 … 64: one R is the binary outcomes of all seven. Measured for the one whose score is highest.</summary>
internal sealed class PowersOfTwo : IAttack
{
    private const int Bearers = 7;

    public string Name => "powers-of-two";

    public string Control => "C4, Discrete";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) =>
        [.. scale.Numbers.Select(number => new SeededCohort(Name, number, scale.Size, isBinary: true))];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        var right = new List<bool>();
        foreach (var cohort in round.Cohorts)
        {
            var ones = (int)cohort.Values.Sum();
            foreach (var bearers in Enumerable.Range(0, cohort.Size).Chunk(Bearers).Where(chunk => chunk.Length == Bearers))
            {
                var answer = await round.Attacker.AskAsync(new Question(cohort.Outcome, cohort.MapOf(ScoresOf(cohort, bearers))), cancellationToken);
                if (answer.IsReleased)
                    right.Add(BitDecoder.Decode(cohort.Size, ones, Bearers, answer.Results[0].R)[^1] == cohort.Values[bearers[^1]] > 0);
            }
        }

        return Recovered.Accuracy(right);
    }

    internal static double[] ScoresOf(SeededCohort cohort, int[] bearers)
    {
        var scores = new double[cohort.Size];
        for (var bit = 0; bit < bearers.Length; bit++)
            scores[bearers[bit]] = 1 << bit;
        return scores;
    }
}
