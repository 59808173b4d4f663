using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Maps;

/// <summary>
/// The same system of equations about outcomes of zeros and ones, of which each subject's must only be told to be above the middle or below. Every second cohort is so large that a ledger answers: what is
/// measured there is the noise, not the refusal.
/// </summary>
internal sealed class BinaryParcels : IAttack
{
    private const int TargetsEach = 20;

    public string Name => "binary-parcels";

    public string Control => "Discrete and C3, charged for each parcel";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) =>
        [.. scale.Numbers.Select(number => new SeededCohort(Name, number, (number - scale.First) % 2 == 0 ? scale.Size : 2 * scale.LargeSize, isBinary: true))];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        var right = new List<bool>();
        foreach (var cohort in round.Cohorts)
        {
            var answer = await round.Attacker.AskAsync(new Question(cohort.Outcome) { Parcellation = AttackSite.Parcellation }, cancellationToken);
            if (!answer.IsReleased)
                continue;
            var inference = new Inference(cohort, answer.Noise);
            foreach (var (parcel, result) in answer.Results.Index())
                inference.LearnMean(result.R, cohort.WeightsOf(ScanLayout.Parcel(parcel)));
            right.AddRange(inference.About(inference.FindMostExposed(TargetsEach)).Select(pair => pair.Estimate > 0 == pair.Truth > 0));
        }

        return Recovered.Accuracy(right);
    }
}
