using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Maps;

/// <summary>
/// The cohort's own R-map as means over more parcels than there are subjects: with all scans known, one answer is a system of linear equations in the outcomes. Measured
/// for the fifth of the subjects of whom most is known.
/// </summary>
internal sealed class Parcels : OutcomeAttack
{
    public override string Name => "parcels";

    public override string Control => "C3, charged for each parcel";

    protected override async Task AskAsync(AttackRound round, SeededCohort cohort, Inference inference, CancellationToken cancellationToken)
    {
        var answer = await round.Attacker.AskAsync(new Question(cohort.Outcome) { Parcellation = AttackSite.Parcellation }, cancellationToken);
        foreach (var (parcel, result) in answer.Results.Index())
            inference.LearnMean(result.R, cohort.WeightsOf(ScanLayout.Parcel(parcel)));
    }

    protected override IEnumerable<int> FindTargets(SeededCohort cohort, Inference inference) => inference.FindMostExposed(cohort.Size / 5);
}
