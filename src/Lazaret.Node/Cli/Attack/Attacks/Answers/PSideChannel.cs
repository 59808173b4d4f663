using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Answers;

/// <summary>The same with ten subjects, which is more than R tells by three decimals: p has decimals of its own. Measured for the two whose scores are lowest.</summary>
internal sealed class PSideChannel : IAttack
{
    private const int Bearers = 10;
    private const int Lowest = 2;

    public string Name => "p-side-channel";

    public string Control => "C8, C4";

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
                var answer = await round.Attacker.AskAsync(new Question(cohort.Outcome, cohort.MapOf(PowersOfTwo.ScoresOf(cohort, bearers))), cancellationToken);
                if (!answer.IsReleased)
                    continue;
                var decoded = BitDecoder.Decode(cohort.Size, ones, Bearers, answer.Results[0].R, answer.Results[0].P);
                right.AddRange(Enumerable.Range(0, Lowest).Select(bit => decoded[bit] == cohort.Values[bearers[bit]] > 0));
            }
        }

        return Recovered.Accuracy(right);
    }
}
