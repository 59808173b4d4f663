using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Cohorts;

/// <summary>Everybody, and everybody but one: the difference of the two answers is that one's outcome.</summary>
/// <param name="reversed">Whether the smaller cohort is asked about first.</param>
internal sealed class Differencing(bool reversed) : OutcomeAttack
{
    private const float Share = 0.1f;

    public override string Name => reversed ? "difference-reversed" : "difference";

    public override string Control => "C2";

    protected override SeededCohort Draw(AttackScale scale, int number)
    {
        var cohort = base.Draw(scale, number);
        for (var target = 0; target < TargetsEach; target++)
        {
            // Somebody of whom one variable is not known.
            var missing = target;
            cohort.Mark(AttackSite.Group(target + 1), AttackSite.Level, member => member != missing);
        }

        return cohort;
    }

    protected override async Task AskAsync(AttackRound round, SeededCohort cohort, Inference inference, CancellationToken cancellationToken)
    {
        for (var target = 0; target < TargetsEach; target++)
        {
            var map = cohort.DrawMap(target, Share);
            var all = new Question(cohort.Outcome, map);
            var missing = target;
            (Question, Func<int, bool>)[] steps = [(all, _ => true), (all.Where(AttackSite.Group(target + 1), AttackSite.Level), member => member != missing)];
            foreach (var (question, members) in reversed ? steps.Reverse() : steps)
                inference.Learn(await round.Attacker.AskAsync(question, cancellationToken), question.Maps, members);
        }
    }
}
