using Lazaret.Node;
using Lazaret.Node.Cli.Attack;
using Microsoft.Extensions.Configuration;

namespace Lazaret.Tests.Cli.Attack;

public sealed class PolicyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("""{"Lazaret":{"Disclosure":{"MinimumCohort":30}}}""")]
    [InlineData("""{"Disclosure":{"MinimumCohort":"30"}}""")]
    [InlineData("""{"Disclosure:MinimumCohort":30}""")]
    [InlineData("# a policy\n\nLazaret__Disclosure__MinimumCohort=30\n")]
    [InlineData("Disclosure:MinimumCohort=\"30\"\r\n")]
    [InlineData("K_MIN=30")]
    public void A_policy_is_read_from_JSON_and_from_lines(string text) =>
        Assert.Equal([KeyValuePair.Create("Disclosure:MinimumCohort", "30")], PolicyFile.Read(Write(text)));

    [Theory]
    [InlineData("""{"Disclosure":{"MinimumCohort":1}}""", "must be from 3 to")]
    [InlineData("""{"Disclosure":{"MinimumCohrot":30}}""", "no such key")]
    [InlineData("""{"Disclosure":{"MinimumCohort":30},"State":"/tmp"}""", "keys Disclosure:… alone")]
    [InlineData("""{"Disclosure":""", "not JSON")]
    [InlineData("MinimumCohort", "line 1: expected KEY=VALUE")]
    [InlineData("{}", "holds no key")]
    [InlineData("", "holds no key")]
    public void What_is_no_policy_is_refused_and_the_file_is_named(string text, string why)
    {
        var file = Write(text);
        var error = Assert.Throws<InputException>(() => PolicyFile.Read(file));
        Assert.StartsWith($"{file}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_configuration_only_the_policy_is_taken()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Lazaret:Disclosure:MinimumCohort"] = "30",
            ["Lazaret:State"] = "/tmp",
            ["Disclosure:MinimumCohort"] = "40",
        }).Build();
        Assert.Equal([KeyValuePair.Create("Disclosure:MinimumCohort", "30")], PolicyFile.Of(configuration));
    }

    [Fact]
    public void Every_setting_of_the_naive_policy_is_one_of_this_node()
    {
        var settings = NaivePolicy.WithoutWaiting(NaivePolicy.Settings, keepTick: true);
        LazaretConfiguration.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Lazaret:{setting.Key}", (string?)setting.Value))).Build());
        Assert.Equal("3", settings["Disclosure:MinimumCohort"]);
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string text)
    {
        _folder.Write("policy", text);
        return _folder["policy"];
    }
}
