using System.Collections.Concurrent;
using Lazaret.Node.Cli.Attack.Attacks;
using Lazaret.Node.Cli.Attack.Attacks.Answers;
using Lazaret.Node.Cli.Attack.Attacks.Cohorts;
using Lazaret.Node.Cli.Attack.Attacks.Maps;
using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Cli.Attack;

/// <summary>Runs attacks against throw-away nodes.</summary>
/// <param name="attacks">Which.</param>
/// <param name="scale">On how many sites, of which size.</param>
/// <param name="report">Told of each attack that is over.</param>
internal sealed class AttackSuite(IReadOnlyList<IAttack> attacks, AttackScale scale, Action<string> report)
{
    private const int AtOnce = 4;
    private const int AttacksOnASite = 6;

    public static IReadOnlyList<IAttack> All { get; } =
    [
        new SmallCell(),
        new Differencing(reversed: false),
        new Differencing(reversed: true),
        new Tracker(),
        new OverlappingBins(),
        new CoverageDrop(),
        new VisitsAsPeople(),
        new DataUpdate(),
        new CorrectedValue(),
        new Fingerprint(),
        new UniqueVoxel(),
        new Pairs(),
        new LeastSquares(),
        new Batch(),
        new Parcels(),
        new BinaryParcels(),
        new Jitter(),
        new Repeats(),
        new ColludingAccounts(),
        new ColludingProjects(),
        new CorrelatedOutcomes(),
        new PowersOfTwo(),
        new ModularScores(),
        new AveragedNoise("averaged-noise", moved: 0),
        new AveragedNoise("split-lattice", moved: 0.5),
        new RankRemainders(),
        new PSideChannel(),
        new RefusalOracle(),
        new Timing(),
    ];

    /// <summary>Each attack with every control off, and with the policy.</summary>
    /// <param name="policy">Keys below the section <c>Lazaret</c>.</param>
    /// <param name="cancellationToken">Ends the nodes too.</param>
    /// <returns>How each went, and whether the policy answered an honest question on every site: a node that answers nothing stops every attack.</returns>
    public async Task<(IReadOnlyList<AttackResult> Results, bool AnswersHonestQuestions)> RunAsync(IReadOnlyDictionary<string, string> policy, CancellationToken cancellationToken)
    {
        var results = new Dictionary<IAttack, AttackResult>();
        var answers = true;
        var folder = Directory.CreateTempSubdirectory("lazaret-attack-").FullName;
        try
        {
            // Each job reads the tables, so a site holds few attacks.
            foreach (var (number, some) in attacks.Where(attack => !attack.NeedsTick).Chunk(AttacksOnASite).Concat([.. attacks.Where(attack => attack.NeedsTick).Chunk(1)]).Index())
            {
                var site = Directory.CreateDirectory(Path.Combine(folder, $"{number}")).FullName;
                var (found, isAnswered) = await RunAsync(site, some, policy, cancellationToken);
                answers &= isAnswered;
                foreach (var result in found)
                    results.Add(result.Attack, result);
            }
        }
        finally
        {
            FolderDeletion.Delete(folder);
        }

        return ([.. attacks.Select(attack => results[attack])], answers);
    }

    private async Task<(IEnumerable<AttackResult> Results, bool IsAnswered)> RunAsync(string folder, IAttack[] some, IReadOnlyDictionary<string, string> policy, CancellationToken cancellationToken)
    {
        var isTicking = some[0].NeedsTick;
        var cohorts = some.ToDictionary(attack => attack, attack => attack.Draw(scale));
        var others = SeededCohort.Filler(scale.Size);
        var site = new AttackSite(folder, [others, .. cohorts.Values.SelectMany(drawn => drawn)]);
        site.Write(cancellationToken);
        var (naive, _) = await AttackAsync("naive", NaivePolicy.Settings, isTicking: false);
        var (tried, isAnswered) = await AttackAsync("policy", NaivePolicy.WithoutWaiting(policy, keepTick: isTicking), isTicking);
        return (some.Select(attack => new AttackResult(attack, naive[attack], tried[attack])), isAnswered);

        async Task<(IReadOnlyDictionary<IAttack, Recovered> Found, bool IsAnswered)> AttackAsync(string name, IReadOnlyDictionary<string, string> settings, bool isTicking)
        {
            var found = new ConcurrentDictionary<IAttack, Recovered>();
            await using var node = await AttackNode.StartAsync(Path.Combine(folder, name), site.View, settings, cancellationToken);
            var catalog = await node.Attacker.ReadCatalogAsync(cancellationToken);
            var honest = await node.Attacker.AskAsync(new Question(others.Outcome, others.DrawMap()), cancellationToken);
            var together = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(some.Where(attack => !attack.RunsAlone), together, async (attack, stop) => await RunOneAsync(attack, stop));
            foreach (var attack in some.Where(attack => attack.RunsAlone))
                await RunOneAsync(attack, cancellationToken);
            return (found, honest.IsReleased);

            async Task RunOneAsync(IAttack attack, CancellationToken stop)
            {
                foreach (var cohort in cohorts[attack])
                    cohort.Restart();
                found[attack] = await attack.RunAsync(new AttackRound(node, site, cohorts[attack], catalog, scale, isTicking), stop);
                report($"{name}: {attack.Name}");
            }
        }
    }
}
