using System.Text.Json.Nodes;

namespace Lazaret.Tests.Sandboxes;

public sealed class DeploymentTests
{
    private const string Parser = "/usr/sbin/apparmor_parser";

    [Fact]
    public async Task The_apparmor_profile_compiles()
    {
        if (!File.Exists(Parser) && Environment.GetEnvironmentVariable("CI") != "true")
            Assert.Skip("apparmor_parser is missing: apt install apparmor");
        // Neither loaded into the kernel nor kept in the cache.
        await Tool.RunAsync(Parser, "-Q", "-K", Repository.File("deploy", "apparmor", "lazaret"));
    }

    [Fact]
    public void The_apparmor_profile_names_the_folders_of_the_units_settings()
    {
        var profile = File.ReadAllText(Repository.File("deploy", "apparmor", "lazaret"));
        var settings = File.ReadAllLines(Repository.File("deploy", "systemd", "lazaret.env.example"));
        Assert.Contains($"Lazaret__Data__View={ValueOf("LAZARET_DATA")}", settings);
        Assert.Contains($"Lazaret__State={ValueOf("LAZARET_STATE")}", settings);

        string ValueOf(string name) => Assert.Single(profile.Split('\n'), line => line.StartsWith($"@{{{name}}} = ", StringComparison.Ordinal)).Split(" = ")[1];
    }

    [Fact]
    public void Every_group_and_condition_of_the_seccomp_profile_says_why()
    {
        var profile = JsonNode.Parse(File.ReadAllText(Repository.File("deploy", "seccomp.json")))!;
        JsonNode?[] rules = [.. profile["allow"]!.AsArray(), .. profile["conditions"]!.AsArray()];
        Assert.NotEmpty(rules);
        Assert.All(rules, rule => Assert.NotEqual("", ((string?)rule!["why"] ?? "").Trim()));
    }
}
