using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Maps;

/// <summary>A map that is the difference of two subjects: the sign of R tells which of them does better, though it tells little about either.</summary>
internal sealed class Pairs : IAttack
{
    private const int PairsEach = 5;

    public string Name => "pairs";

    public string Control => "Pairs";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) => [.. scale.Numbers.Select(number => new SeededCohort(Name, number, scale.Size))];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        var right = new List<bool>();
        foreach (var cohort in round.Cohorts)
        {
            for (var first = 0; first < 2 * PairsEach; first += 2)
            {
                var scores = new double[cohort.Size];
                (scores[first], scores[first + 1]) = (1, -1);
                var answer = await round.Attacker.AskAsync(new Question(cohort.Outcome, cohort.MapOf(scores)), cancellationToken);
                if (answer.IsReleased && answer.Results[0].R is var r && r != 0)
                    right.Add(r > 0 == cohort.Values[first] > cohort.Values[first + 1]);
            }
        }

        return Recovered.Accuracy(right);
    }
}
