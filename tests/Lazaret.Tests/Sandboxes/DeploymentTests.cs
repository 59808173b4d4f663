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
    public void Every_group_and_condition_of_the_seccomp_profile_says_why()
    {
        var profile = JsonNode.Parse(File.ReadAllText(Repository.File("deploy", "seccomp.json")))!;
        JsonNode?[] rules = [.. profile["allow"]!.AsArray(), .. profile["conditions"]!.AsArray()];
        Assert.NotEmpty(rules);
        Assert.All(rules, rule => Assert.NotEqual("", ((string?)rule!["why"] ?? "").Trim()));
    }
}
