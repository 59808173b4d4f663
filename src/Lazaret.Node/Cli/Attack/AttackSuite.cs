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
        new CountTracker(),
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
        new SharedCode(),
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
            foreach (var (number, some) in BySite(attacks).Index())
            {
                var ground = AttackGround.Make(Path.Combine(folder, $"{number}"), some, scale, cancellationToken);
                var (naive, _) = await AttackAsync(ground, "naive", NaivePolicy.Settings, isTicking: false, cancellationToken);
                var (tried, isAnswered) = await TryAsync(ground, "policy", policy, cancellationToken);
                answers &= isAnswered;
                foreach (var attack in some)
                    results.Add(attack, new AttackResult(attack, naive[attack], tried[attack]));
            }

            // A few sites leave much to chance; more of them tell who was lucky.
            foreach (var (number, some) in BySite([.. attacks.Where(attack => results[attack] is { IsStopped: false, Policy.HasChance: true })]).Index())
            {
                var ground = AttackGround.Make(Path.Combine(folder, $"again-{number}"), some, scale.MoreSites, cancellationToken);
                var (again, isAnswered) = await TryAsync(ground, "again", policy, cancellationToken);
                answers &= isAnswered;
                foreach (var attack in some)
                    results[attack] = results[attack] with { Again = again[attack] };
            }
        }
        finally
        {
            FolderDeletion.Delete(folder);
        }

        return ([.. attacks.Select(attack => results[attack])], answers);
    }

    /// <summary>Each job reads the tables, so a site holds few attacks.</summary>
    private static IEnumerable<IAttack[]> BySite(IReadOnlyList<IAttack> some) =>
        some.Where(attack => !attack.NeedsTick).Chunk(AttacksOnASite).Concat(some.Where(attack => attack.NeedsTick).Chunk(1));

    private Task<(IReadOnlyDictionary<IAttack, Recovered> Found, bool IsAnswered)> TryAsync(
        AttackGround ground, string name, IReadOnlyDictionary<string, string> policy, CancellationToken cancellationToken)
    {
        var isTicking = ground.Attacks[0].NeedsTick;
        return AttackAsync(ground, name, NaivePolicy.WithoutWaiting(policy, keepTick: isTicking), isTicking, cancellationToken);
    }

    private async Task<(IReadOnlyDictionary<IAttack, Recovered> Found, bool IsAnswered)> AttackAsync(
        AttackGround ground, string name, IReadOnlyDictionary<string, string> settings, bool isTicking, CancellationToken cancellationToken)
    {
        var found = new ConcurrentDictionary<IAttack, Recovered>();
        await using var node = await AttackNode.StartAsync(Path.Combine(ground.Folder, name), ground.Site.View, settings, cancellationToken);
        var catalog = await node.Attacker.ReadCatalogAsync(cancellationToken);
        var honest = await node.Attacker.AskAsync(new Question(ground.Others.Outcome, ground.Others.DrawMap()), cancellationToken);
        var together = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(ground.Attacks.Where(attack => !attack.RunsAlone), together, async (attack, stop) => await RunOneAsync(attack, stop));
        foreach (var attack in ground.Attacks.Where(attack => attack.RunsAlone))
            await RunOneAsync(attack, cancellationToken);
        return (found, honest.IsReleased);

        async Task RunOneAsync(IAttack attack, CancellationToken stop)
        {
            foreach (var cohort in ground.Cohorts[attack])
                cohort.Restart();
            found[attack] = await attack.RunAsync(new AttackRound(node, ground.Site, ground.Cohorts[attack], catalog, ground.Scale, isTicking), stop);
            report($"{name}: {attack.Name}");
        }
    }

    /// <summary>A synthetic site, and the attacks on it, each with subjects of its own.</summary>
    /// <param name="Others">Subjects whom no attack is about.</param>
    private sealed record AttackGround(
        string Folder, AttackSite Site, IReadOnlyList<IAttack> Attacks, Dictionary<IAttack, IReadOnlyList<SeededCohort>> Cohorts, SeededCohort Others, AttackScale Scale)
    {
        public static AttackGround Make(string folder, IReadOnlyList<IAttack> attacks, AttackScale scale, CancellationToken cancellationToken)
        {
            Directory.CreateDirectory(folder);
            var cohorts = attacks.ToDictionary(attack => attack, attack => attack.Draw(scale));
            var others = SeededCohort.Filler(scale.Size);
            var site = new AttackSite(folder, [others, .. cohorts.Values.SelectMany(drawn => drawn)]);
            site.Write(cancellationToken);
            return new AttackGround(folder, site, attacks, cohorts, others, scale);
        }
    }
}
