using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Cohorts;

/// <summary>Asks about a few people outright: filters that are each common, and together rare.</summary>
internal sealed class SmallCell : IAttack
{
    public const string Measure = "cells below the minimum";

    public string Name => "small-cell";

    public string Control => "C1";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) => [.. scale.Numbers.Select(number =>
    {
        var cohort = new SeededCohort(Name, number, scale.Size);
        cohort.Mark(AttackSite.Group(1), AttackSite.Level, member => member < scale.Minimum + 2);
        cohort.Mark(AttackSite.Group(2), AttackSite.Level, member => member >= scale.Minimum - 5);
        return cohort;
    })];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        int? small = null;
        foreach (var cohort in round.Cohorts)
        {
            var question = new Question(cohort.Outcome, cohort.DrawMap()).Where(AttackSite.Group(1), AttackSite.Level).Where(AttackSite.Group(2), AttackSite.Level);
            var answer = await round.Attacker.AskAsync(question, cancellationToken);
            if (answer.IsReleased)
                small = (small ?? 0) + (answer.Results[0].N < round.Scale.Minimum ? 1 : 0);
        }

        return Recovered.Count(Measure, small, 0, round.Cohorts.Count);
    }
}
