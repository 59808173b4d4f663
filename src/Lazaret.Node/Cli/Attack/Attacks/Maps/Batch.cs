using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Maps;

/// <summary>The same maps as one 4-D volume, which is one job; where it is refused, smaller batches, down to single maps.</summary>
internal sealed class Batch : OutcomeAttack
{
    private const int Largest = 64;

    public override string Name => "batch";

    public override string Control => "C3, charged for each map";

    protected override async Task AskAsync(AttackRound round, SeededCohort cohort, Inference inference, CancellationToken cancellationToken)
    {
        float[][] maps = [.. Enumerable.Range(0, LeastSquares.CountFor(cohort)).Select(_ => cohort.DrawMap())];
        var (asked, size) = (0, Largest);
        while (asked < maps.Length && size > 0)
        {
            float[][] batch = [.. maps.Skip(asked).Take(size)];
            var answer = await round.Attacker.AskAsync(new Question(cohort.Outcome, batch), cancellationToken);
            inference.Learn(answer, batch);
            if (answer.IsReleased)
                asked += batch.Length;
            else
                size /= 2;
        }
    }

    protected override IEnumerable<int> FindTargets(SeededCohort cohort, Inference inference) => inference.FindMostExposed(cohort.Size / 5);
}
