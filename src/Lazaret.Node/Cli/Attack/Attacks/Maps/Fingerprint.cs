using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Maps;

/// <summary>The map is one subject's own scan, minus the mean of all. That subject's score is far from all others, so that R tells their outcome.</summary>
internal sealed class Fingerprint : OutcomeAttack
{
    public override string Name => "fingerprint";

    public override string Control => "C3, C5";

    protected override async Task AskAsync(AttackRound round, SeededCohort cohort, Inference inference, CancellationToken cancellationToken)
    {
        for (var target = 0; target < TargetsEach; target++)
        {
            var map = new float[ScanLayout.Voxels];
            for (var voxel = 0; voxel < ScanLayout.Texture; voxel++)
                map[voxel] = cohort.Scans[target][voxel] - cohort.Scans.Average(scan => scan[voxel]);
            inference.Learn(await round.Attacker.AskAsync(new Question(cohort.Outcome, map), cancellationToken), [map]);
        }
    }
}
