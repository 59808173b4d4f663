using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Cohorts;

/// <summary>Two halves that share one subject, and all of them: no two of the three cohorts differ by few, and yet the three answers isolate that subject.</summary>
internal sealed class Tracker : OutcomeAttack
{
    private const float Share = 0.15f;

    public override string Name => "tracker";

    public override string Control => "C3";

    protected override SeededCohort Draw(AttackScale scale, int number)
    {
        var cohort = new SeededCohort(Name, number, (4 * scale.Minimum) - 1);
        for (var target = 0; target < TargetsEach; target++)
        {
            var shared = target;
            var order = Enumerable.Range(0, cohort.Size).Where(member => member != shared).ToArray();
            cohort.Random.Shuffle(order);
            var half = order.Take(order.Length / 2).ToHashSet();
            cohort.Mark(AttackSite.Group(target + 1), AttackSite.Level, member => member == shared || half.Contains(member));
            cohort.Mark(AttackSite.Other(target + 1), AttackSite.Level, member => !half.Contains(member));
        }

        return cohort;
    }

    protected override async Task AskAsync(AttackRound round, SeededCohort cohort, Inference inference, CancellationToken cancellationToken)
    {
        for (var target = 1; target <= TargetsEach; target++)
        {
            var map = cohort.DrawMap(target - 1, Share);
            foreach (var column in (string?[])[AttackSite.Group(target), AttackSite.Other(target), null])
            {
                var question = new Question(cohort.Outcome, map);
                var answer = await round.Attacker.AskAsync(column is null ? question : question.Where(column, AttackSite.Level), cancellationToken);
                inference.Learn(answer, [map], member => column is null || cohort.Attributes[column][member].Length > 0);
            }
        }
    }
}
