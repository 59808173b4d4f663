using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Answers;

/// <summary>
/// Whether refusals tell something: by differing from each other, or by being refusals. The map of one subject's voxel is answered where that subject is in the
/// cohort, and has no answer where not.
/// </summary>
internal sealed class RefusalOracle : IAttack
{
    private const int Probes = 5;

    public string Name => "refusal-oracle";

    public string Control => "one refusal for every cause";

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale) => [.. scale.Numbers.Select(number =>
    {
        var cohort = new SeededCohort(Name, number, scale.Size + Probes);
        // The first are no members, and those after them are.
        cohort.HasOutcome.AsSpan(0, Probes).Clear();
        cohort.Mark(AttackSite.Group(1), AttackSite.Level, member => member < Probes + 3);
        return cohort;
    })];

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        var refusals = new HashSet<string>(StringComparer.Ordinal);
        var right = new List<bool>();
        foreach (var cohort in round.Cohorts)
        {
            for (var subject = 0; subject < 2 * Probes; subject++)
            {
                var map = new float[ScanLayout.Voxels];
                map[ScanLayout.VoxelOf(subject)] = 1;
                var answer = await AskAsync(new Question(cohort.Outcome, map));
                right.Add(answer.IsReleased == cohort.HasOutcome[subject]);
            }

            // Of other causes: a voxel that is 0 in all scans, too few subjects.
            var nobody = new float[ScanLayout.Voxels];
            nobody[ScanLayout.VoxelOf(ScanLayout.Members - 1)] = 1;
            await AskAsync(new Question(cohort.Outcome, nobody));
            await AskAsync(new Question(cohort.Outcome, cohort.DrawMap()).Where(AttackSite.Group(1), AttackSite.Level));
        }

        return refusals.Count > 1 ? Recovered.Count("different refusals", refusals.Count, 1, refusals.Count) : Recovered.Accuracy(right);

        async Task<Answer> AskAsync(Question question)
        {
            var answer = await round.Attacker.AskAsync(question, cancellationToken);
            if (answer.Refusal is { } refusal)
                refusals.Add(refusal);
            return answer;
        }
    }
}
