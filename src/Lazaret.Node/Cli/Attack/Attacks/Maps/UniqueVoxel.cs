using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Maps;

/// <summary>The map is one voxel, in which only one subject has a lesion.</summary>
internal sealed class UniqueVoxel : OutcomeAttack
{
    public override string Name => "unique-voxel";

    public override string Control => "C3, C5";

    protected override async Task AskAsync(AttackRound round, SeededCohort cohort, Inference inference, CancellationToken cancellationToken)
    {
        for (var target = 0; target < TargetsEach; target++)
        {
            var map = new float[ScanLayout.Voxels];
            map[ScanLayout.VoxelOf(target)] = 1;
            inference.Learn(await round.Attacker.AskAsync(new Question(cohort.Outcome, map), cancellationToken), [map]);
        }
    }
}
