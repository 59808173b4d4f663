using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Cohorts;

/// <summary>
/// One scan lacks a region. A map that has values there alone loses that subject; with one more voxel, of weight 0, it does not. So the map chooses the cohort,
/// and no filter does.
/// </summary>
internal sealed class CoverageDrop : OutcomeAttack
{
    public override string Name => "coverage";

    public override string Control => "C1, C2 after drops";

    protected override SeededCohort Draw(AttackScale scale, int number)
    {
        var cohort = base.Draw(scale, number);
        for (var target = 0; target < TargetsEach; target++)
            cohort.Scans[target].AsSpan(ScanLayout.Block(target)).Fill(float.NaN);
        return cohort;
    }

    protected override async Task AskAsync(AttackRound round, SeededCohort cohort, Inference inference, CancellationToken cancellationToken)
    {
        for (var target = 0; target < TargetsEach; target++)
        {
            var region = new float[ScanLayout.Voxels];
            region.AsSpan().Fill(float.NaN);
            region.AsSpan(ScanLayout.Block(target)).Fill(1);
            var wider = region.ToArray();
            wider[0] = 0;
            foreach (var map in (float[][])[wider, region])
                inference.Learn(await round.Attacker.AskAsync(new Question(cohort.Outcome, map), cancellationToken), [map]);
        }
    }
}
