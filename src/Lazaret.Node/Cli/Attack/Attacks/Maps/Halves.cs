using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Maps;

/// <summary>
/// A map that tells about one subject no more than is allowed, and a second one that is right by itself as well: together they are that subject's outcome.
/// Who asks the second, or which outcome it is asked of, is what the kinds of this attack differ in.
/// </summary>
internal abstract class Halves : OutcomeAttack
{
    /// <summary>The variance of what the second outcome has apart from the first, as a share of one.</summary>
    protected virtual double Doubt => 0;

    protected override async Task AskAsync(AttackRound round, SeededCohort cohort, Inference inference, CancellationToken cancellationToken)
    {
        for (var target = 0; target < TargetsEach; target++)
        {
            // The target's score is a little less than half of all variance, the rest is the others' and cancels in the sum.
            var scores = cohort.ScoresOf(cohort.DrawMap());
            scores[target] = 0;
            var others = Math.Sqrt(scores.Sum(score => score * score)) * 0.95;
            foreach (var isFirst in (bool[])[true, false])
            {
                var map = cohort.MapOf([.. scores.Select((score, member) => member == target ? others : isFirst ? score : -score)]);
                var (attacker, outcome) = Choose(round, cohort, isFirst);
                inference.Learn(await attacker.AskAsync(new Question(outcome, map), cancellationToken), [map], doubt: isFirst ? 0 : Doubt);
            }
        }
    }

    /// <summary>Who asks that half, and of which outcome.</summary>
    protected abstract (Attacker Attacker, string Outcome) Choose(AttackRound round, SeededCohort cohort, bool isFirst);
}
