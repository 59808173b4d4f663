using System.Text.Json.Nodes;

namespace Lazaret.Tests.EndToEnd;

/// <summary><c>lazaret attack</c>, at the least number of seeds.</summary>
internal static class RedTeam
{
    public static async Task<(JsonNode Report, int ExitCode)> AttackAsync(string folder, string[] arguments, params IEnumerable<(string Key, string Value)> settings)
    {
        var run = await NodeProcess.RunAsync(folder, ["attack", "--json", "--seeds", "2", .. arguments], settings);
        Assert.True(run.ExitCode is 0 or 1, run.Error);
        var report = JsonNode.Parse(run.Output)!;
        Assert.Equal(run.ExitCode == 0, (bool)report["safe"]!);
        return (report, run.ExitCode);
    }

    /// <summary>Each of them can succeed, and none does against what the node does unless it is told otherwise.</summary>
    public static async Task AssertStoppedAsync(string folder, string attacks, params IEnumerable<(string Key, string Value)> settings)
    {
        var (report, exitCode) = await AttackAsync(folder, ["--only", attacks], settings);
        Assert.Equal(attacks.Split(','), report["attacks"]!.AsArray().Select(attack => (string?)attack!["attack"]));
        Assert.All(report["attacks"]!.AsArray(), attack => Assert.True((bool)attack!["naive"]!["succeeds"]!, attack.ToJsonString()));
        Assert.All(report["attacks"]!.AsArray(), attack => Assert.True((string?)attack!["verdict"] == "stopped", attack.ToJsonString()));
        Assert.Equal(0, exitCode);
        Assert.True((bool)report["answers_honest_questions"]!);
    }
}
