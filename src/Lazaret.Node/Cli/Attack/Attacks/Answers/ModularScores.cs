using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Answers;

/// <summary>
/// Four subjects have the scores 1, 2, 4 and 8, all others 0 or 16: R looks like any other and tells nothing about most, but modulo 16 it is the four binary
/// outcomes.
/// </summary>
internal sealed class ModularScores : IAttack
{
    private const int Bearers = 4;
    private const int QuestionsEach = 8;

    public string Name => "modular-scores";

    public string Control => "Discrete";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) =>
        [.. scale.Numbers.Select(number => new SeededCohort(Name, number, scale.LargeSize, isBinary: true))];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        var right = new List<bool>();
        foreach (var cohort in round.Cohorts)
        {
            for (var first = 0; first < Bearers * QuestionsEach; first += Bearers)
            {
                double[] scores = [.. Enumerable.Range(0, cohort.Size).Select(member => member >= first && member < first + Bearers ? 1 << (member - first) : 16.0 * cohort.Random.Next(2))];
                var answer = await round.Attacker.AskAsync(new Question(cohort.Outcome, cohort.MapOf(scores)), cancellationToken);
                if (!answer.IsReleased)
                    continue;
                var decoded = BitDecoder.DecodeModulo(scores, (int)cohort.Values.Sum(), answer.Results[0].R);
                right.AddRange(decoded.Select((bit, bearer) => bit == cohort.Values[first + bearer] > 0));
            }
        }

        return Recovered.Accuracy(right);
    }
}
