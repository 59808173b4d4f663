using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.Node.Cli.Attack.Nodes;
using Lazaret.Node.Cli.Attack.Sites;

namespace Lazaret.Node.Cli.Attack.Attacks.Answers;

/// <summary>Whether the time until an end tells a blocked question about few subjects from an answered one about many.</summary>
internal sealed class Timing : IAttack
{
    private const int Subjects = 1500;

    // A prime: rows that are taken at regular distances are not always of the same few scans.
    private const int DifferentScans = 97;

    private const int Few = 2;
    // As many as a site always takes: only what is computed differs between the two kinds.
    private const int MapsEach = 64;
    private const int WarmUp = 4;

    // With a tick many wait at once. They are asked so far apart that most are computed by themselves, also on a machine that is slow: a queue would hide what each takes.
    // The distance differs by chance, since one that fits the tick would give every second question the same phase of it.
    private const double LeastApart = 0.2;
    private const double MostApart = 0.6;

    public string Name => "timing";

    public string Control => "Tick";

    public bool RunsAlone => true;

    public bool NeedsTick => true;

    public IReadOnlyList<SeededCohort> Draw(AttackScale scale)
    {
        var cohort = new SeededCohort(Name, scale.First, Subjects, scans: DifferentScans);
        cohort.Mark(AttackSite.Group(1), AttackSite.Level, member => member < Few);
        return [cohort];
    }

    public async Task<Recovered> RunAsync(AttackRound round, CancellationToken cancellationToken)
    {
        var cohort = round.Cohorts[0];
        var usual = TimeSpan.Zero;
        for (var i = 0; i < WarmUp; i++)
            usual = (await round.Attacker.AskAsync(Question(cohort, isMany: i % 2 == 0), cancellationToken)).Latency;

        // One of each, in an order by chance, again and again: a machine that becomes slower meanwhile delays both kinds alike.
        bool[] order = [.. Enumerable.Range(0, Math.Max(30, 15 * round.Scale.Seeds)).Select(_ => cohort.Random.Next(2) == 0).SelectMany(isManyFirst => (bool[])[isManyFirst, !isManyFirst])];
        var asked = new List<Task<Answer>>();
        foreach (var isMany in order)
        {
            asked.Add(round.Attacker.AskAsync(Question(cohort, isMany), cancellationToken));
            await (round.IsTicking ? Task.Delay(usual * (LeastApart + ((MostApart - LeastApart) * cohort.Random.NextDouble())), TimeProvider.System, cancellationToken) : asked[^1]);
        }

        double[] latencies = [.. (await Task.WhenAll(asked)).Select(answer => answer.Latency.TotalMilliseconds)];
        return Recovered.LatencyAuc([.. latencies.Where((_, i) => order[i])], [.. latencies.Where((_, i) => !order[i])]);
    }

    // New maps each time: what was answered before would come at once.
    private static Question Question(SeededCohort cohort, bool isMany)
    {
        var many = new Question(cohort.Outcome, [.. Enumerable.Range(0, MapsEach).Select(_ => cohort.DrawMap())]);
        return isMany ? many : many.Where(AttackSite.Group(1), AttackSite.Level);
    }
}
