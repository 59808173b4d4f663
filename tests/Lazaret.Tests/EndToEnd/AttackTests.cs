using Lazaret.Node.Cli.Attack;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The shipped red team: that each of its attacks can succeed, and that none does against what the node does unless it is told otherwise.</summary>
public sealed class AttackTests : IDisposable
{
    // A few at a time, so that none takes minutes; as many as share a site, since each site takes nodes of its own.
    private const int Groups = 5;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Attacks =>
    [
        .. AttackSuite.All.Where(attack => !attack.NeedsTick).Index()
            .GroupBy(attack => attack.Index % Groups, attack => attack.Item.Name).Select(names => string.Join(',', names)),
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public Task Each_attack_succeeds_where_every_control_is_off_and_none_where_all_are_on(string attacks) => RedTeam.AssertStoppedAsync(_folder.Path, attacks);

    [Fact]
    public async Task What_a_hospital_gets_for_production_tells_nothing_by_what_it_holds()
    {
        _folder.Write("policy.json", """{"Lazaret":{"Disclosure":{"Profile":"guarded","Ledger":"project","SiteLimit":0.8,"WhenSpent":"review"}}}""");
        var (report, exitCode) = await RedTeam.AttackAsync(_folder.Path, ["--only", "refusal-oracle,fingerprint", "--policy", _folder["policy.json"]]);
        Assert.True(exitCode == 0, report["attacks"]!.ToJsonString());
    }

    [Fact]
    public async Task A_policy_is_tried_before_it_is_used()
    {
        _folder.Write("policy.json", """{"Lazaret":{"Disclosure":{"MinimumCohort":30}}}""");
        var (report, exitCode) = await RedTeam.AttackAsync(_folder.Path, ["--only", "small-cell", "--policy", _folder["policy.json"]]);
        Assert.Equal(0, exitCode);
        Assert.True((bool)report["safe"]!);
        Assert.Equal("30", (string?)report["policy"]!["Disclosure:MinimumCohort"]);
        Assert.Equal("stopped", (string?)report["attacks"]![0]!["verdict"]);
    }

    [Fact]
    public async Task A_policy_that_answers_nothing_is_told_apart_from_one_that_stops_attacks()
    {
        _folder.Write("policy.json", """{"Lazaret":{"Disclosure":{"Review":{"Projects":["*"]}}}}""");
        var (report, _) = await RedTeam.AttackAsync(_folder.Path, ["--only", "small-cell", "--policy", _folder["policy.json"]]);
        Assert.False((bool)report["answers_honest_questions"]!);
    }

    [Fact]
    public async Task What_gets_through_on_more_sites_as_well_was_no_luck()
    {
        _folder.Write("policy.json", """{"Lazaret":{"Disclosure":{"Off":["C3","C4","C5","C7","Pairs"]}}}""");
        var (report, exitCode) = await RedTeam.AttackAsync(_folder.Path, ["--only", "fingerprint", "--policy", _folder["policy.json"]], ("DOTNET_ENVIRONMENT", "Production"));
        var attack = report["attacks"]![0]!;
        Assert.Equal((1, "SUCCEEDS"), (exitCode, (string?)attack["verdict"]));
        Assert.True((bool)attack["again"]!["succeeds"]!);
        Assert.Equal(4 * (int)attack["policy"]!["samples"]!, (int)attack["again"]!["samples"]!);
    }

    [Theory]
    [InlineData("--only", "wishful-thinking")]
    [InlineData("--only", ",")]
    [InlineData("--seeds", "1")]
    [InlineData("--policy", "/does/not/exist")]
    [InlineData("--Lazaret:Disclosure:MinimumCohort=51")]
    [InlineData("--Lazaret:Disclosure:MinimumCohort=2")]
    public async Task What_cannot_be_tried_is_one_line_and_exit_code_2(params string[] arguments)
    {
        var run = await NodeProcess.RunAsync(_folder.Path, ["attack", .. arguments]);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("lazaret: ", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
