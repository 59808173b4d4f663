using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Maps;

/// <summary>
/// Maps of +1 and −1, each a little changed toward one subject and a little away from them, by less than the node keeps of a map, and at another scale: where
/// each is answered by itself, the differences of the answers are that subject's outcome.
/// </summary>
internal sealed class Jitter : OutcomeAttack
{
    private const int Batches = 7;
    private const int MapsEach = 6;

    public override string Name => "jitter";

    public override string Control => "C0";

    protected override async Task AskAsync(AttackRound round, SeededCohort cohort, Inference inference, CancellationToken cancellationToken)
    {
        for (var batch = 0; batch < Batches; batch++)
        {
            float[][] variants =
            [
                .. from map in Enumerable.Range(0, MapsEach).Select(_ => SignMap.Draw(cohort.Random)).ToList()
                   from target in Enumerable.Range(0, TargetsEach)
                   from toward in (bool[])[true, false]
                   select SignMap.Change(map, cohort.Scans[target], toward, scale: 1 + target),
            ];
            inference.Learn(await round.Attacker.AskAsync(new Question(cohort.Outcome, variants), cancellationToken), variants);
        }
    }
}
