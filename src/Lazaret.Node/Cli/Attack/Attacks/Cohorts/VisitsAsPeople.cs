using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Cohorts;

/// <summary>Half as many people as the minimum, at three visits each: counted as rows they are enough.</summary>
internal sealed class VisitsAsPeople : IAttack
{
    public string Name => "visits-as-people";

    public string Control => "People";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) =>
        [.. scale.Numbers.Select(number => new SeededCohort(Name, number, (scale.Minimum + 1) / 2) { Visits = AttackSite.AllVisits })];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        int? small = null;
        foreach (var cohort in round.Cohorts)
        {
            var answer = await round.Attacker.AskAsync(new Question(cohort.Outcome, cohort.DrawMap()) { Filters = "{}" }, cancellationToken);
            if (answer.IsReleased)
                small = (small ?? 0) + (cohort.Size < round.Scale.Minimum ? 1 : 0);
        }

        return Recovered.Count(SmallCell.Measure, small, 0, round.Cohorts.Count);
    }
}
