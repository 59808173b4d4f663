using Lazaret.SampleSite;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Maps;

/// <summary>Each half is asked of another outcome, as a total and its largest part are: they correlate by 0.98.</summary>
internal sealed class CorrelatedOutcomes : Halves
{
    private const double Correlation = 0.98;

    public override string Name => "correlated-outcomes";

    public override string Control => "Families";

    protected override double Doubt => 2 * (1 - Correlation);

    protected override SeededCohort Draw(AttackScale scale, int number)
    {
        var cohort = base.Draw(scale, number);
        var apart = Math.Sqrt(1 - (Correlation * Correlation));
        cohort.Related[PartOf(cohort)] = Array.ConvertAll(cohort.Values, value => (Correlation * value) + (apart * cohort.Random.NextNormal()));
        return cohort;
    }

    protected override (Attacker Attacker, string Outcome) Choose(AttackRound round, SeededCohort cohort, bool isFirst) =>
        (round.Attacker, isFirst ? cohort.Outcome : PartOf(cohort));

    private static string PartOf(SeededCohort cohort) => $"{cohort.Outcome}_part";
}
