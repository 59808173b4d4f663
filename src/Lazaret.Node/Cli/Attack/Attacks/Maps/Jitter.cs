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
    private const int MapsEach = 8;

    public override string Name => "jitter";

    public override string Control => "C0";

    protected override async Task AskAsync(AttackRound round, SeededCohort cohort, Inference inference, CancellationToken cancellationToken)
    {
        for (var i = 0; i < MapsEach; i++)
        {
            var map = SignMap.Draw(cohort.Random);
            float[][] variants = [.. Enumerable.Range(0, 2 * TargetsEach).Select(variant => SignMap.Change(map, cohort.Scans[variant / 2], variant % 2 == 0, scale: 1 + variant))];
            inference.Learn(await round.Attacker.AskAsync(new Question(cohort.Outcome, variants), cancellationToken), variants);
        }
    }
}
