using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;
using Lazaret.SampleSite;

namespace Lazaret.Node.Cli.Attack.Attacks.Cohorts;

/// <summary>Two halves that share one subject, and all of them, each asked about another outcome: what is told of outcomes is little, and the three n are the number in a single cell.</summary>
internal sealed class CountTracker : IAttack
{
    public string Name => "count-tracker";

    public string Control => "C3";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) => [.. scale.Numbers.Select(number =>
    {
        var cohort = new SeededCohort(Name, number, (4 * scale.Minimum) - 1);
        cohort.Mark(AttackSite.Group(1), AttackSite.Level, member => member < 2 * scale.Minimum);
        cohort.Mark(AttackSite.Other(1), AttackSite.Level, member => member >= (2 * scale.Minimum) - 1);
        foreach (var other in OthersOf(cohort))
            cohort.Related[other] = cohort.Random.NextNormals(cohort.Size);
        return cohort;
    })];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        int? small = null;
        foreach (var cohort in round.Cohorts)
        {
            string[] outcomes = [cohort.Outcome, .. OthersOf(cohort)];
            var counts = new List<int>();
            foreach (var (outcome, column) in outcomes.Zip((string?[])[AttackSite.Group(1), AttackSite.Other(1), null]))
            {
                var question = new Question(outcome, cohort.DrawMap());
                var answer = await round.Attacker.AskAsync(column is null ? question : question.Where(column, AttackSite.Level), cancellationToken);
                if (answer.IsReleased)
                    counts.Add(answer.Results[0].N);
            }

            if (counts is [var one, var another, var all])
                small = (small ?? 0) + (one + another - all is > 0 and var both && both < round.Scale.Minimum ? 1 : 0);
        }

        return Recovered.Count(SmallCell.Measure, small, 0, round.Cohorts.Count);
    }

    private static string[] OthersOf(SeededCohort cohort) => [$"{cohort.Outcome}_b", $"{cohort.Outcome}_c"];
}
