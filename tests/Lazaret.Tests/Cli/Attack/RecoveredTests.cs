using System.Text.Json.Nodes;
using Lazaret.Node.Cli.Attack;
using Lazaret.Node.Cli.Attack.Attacks.Cohorts;
using Lazaret.Node.Cli.Attack.Estimates;
using Lazaret.SampleSite;

namespace Lazaret.Tests.Cli.Attack;

public sealed class RecoveredTests
{
    private static readonly Recovered Through = Recovered.Count("cells", 3, 0, 4);
    private static readonly Recovered Stopped = Recovered.Count("cells", null, 0, 4);

    [Theory]
    [InlineData(0.707, 0.08)]
    [InlineData(0.3, 0)]
    public void An_attacker_at_the_limit_is_said_to_succeed_by_chance_once_in_twenty(double correlation, double most)
    {
        var random = new Random(6);
        var succeeded = 0;
        for (var time = 0; time < 1000; time++)
        {
            var pairs = Enumerable.Range(0, 20).Select(_ => random.NextNormal())
                .Select(truth => ((correlation * truth) + (Math.Sqrt(1 - (correlation * correlation)) * random.NextNormal()), truth)).ToList();
            succeeded += Recovered.Correlation(pairs).Succeeds ? 1 : 0;
        }

        Assert.InRange(succeeded / 1000.0, 0, most);
    }

    [Fact]
    public void Who_was_refused_everything_does_not_succeed()
    {
        Assert.False(Recovered.Correlation([]).Succeeds);
        Assert.False(Recovered.Accuracy([]).Succeeds);
        Assert.False(Stopped.Succeeds);
    }

    [Fact]
    public void One_answer_is_allowed_and_two_different_ones_are_not()
    {
        Assert.False(Recovered.Count("answers", 1, 1, 100).Succeeds);
        Assert.True(Recovered.Count("answers", 2, 1, 100).Succeeds);
    }

    [Fact]
    public void A_latency_tells_whichever_way_it_differs()
    {
        double[] quick = [.. Enumerable.Range(0, 50).Select(i => (double)i)];
        double[] slow = [.. quick.Select(latency => latency + 30)];
        Assert.Equal(Recovered.LatencyAuc(quick, slow), Recovered.LatencyAuc(slow, quick));
        Assert.True(Recovered.LatencyAuc(quick, slow).Succeeds);
        Assert.Equal(0.5, Recovered.LatencyAuc(quick, quick).Value);
    }

    [Fact]
    public void An_attack_that_fails_with_every_control_off_makes_the_whole_unsafe()
    {
        var attack = new SmallCell();
        Assert.True(Report(new AttackResult(attack, Through, Stopped)).IsSafe);
        Assert.False(Report(new AttackResult(attack, Through, Through)).IsSafe);

        var unproven = Report(new AttackResult(attack, Stopped, Stopped));
        Assert.False(unproven.IsSafe);
        Assert.Equal("proves nothing", (string?)JsonNode.Parse(unproven.ToJson())!["attacks"]![0]!["verdict"]);
    }

    [Fact]
    public void Who_gets_through_on_some_sites_and_not_on_others_had_luck()
    {
        var (lucky, unlucky) = (Recovered.Accuracy([.. Enumerable.Repeat(true, 40)]), Recovered.Accuracy([.. Enumerable.Repeat(true, 20), .. Enumerable.Repeat(false, 20)]));
        Assert.True(lucky.HasChance);
        Assert.False(Through.HasChance || Recovered.Count("answers", 2, 1, 100).HasChance);
        Assert.True(Report(new AttackResult(new SmallCell(), Through, lucky, Again: unlucky)).IsSafe);
        // Who was refused everything then, or could not have succeeded, is not cleared.
        Assert.False(Report(new AttackResult(new SmallCell(), Through, lucky, Again: Recovered.Accuracy([]))).IsSafe);
        Assert.False(Report(new AttackResult(new SmallCell(), Through, lucky, Again: Recovered.Accuracy([true, false, true]))).IsSafe);
        var twice = Report(new AttackResult(new SmallCell(), Through, lucky, Again: lucky));
        Assert.False(twice.IsSafe);
        Assert.True((bool)JsonNode.Parse(twice.ToJson())!["attacks"]![0]!["again"]!["succeeds"]!);
    }

    private static AttackReport Report(AttackResult result) => new([result], new Dictionary<string, string>(), seeds: 2, answersHonestQuestions: true);
}
