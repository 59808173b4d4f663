using Lazaret.SampleSite;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

/// <summary>docs/researchers.md: its commands run as they are written on the demo's site, and print what it says.</summary>
public sealed class ResearchersPageTests
{
    [Fact]
    public async Task Every_command_of_the_page_prints_what_it_says()
    {
        ServerProcess.Require("/usr/bin/curl", "curl");
        using var folder = new TemporaryFolder();
        // As 'lazaret demo' makes it.
        var truth = SyntheticSite.Create(folder["site"], new SyntheticSiteOptions { Seed = 7 }, progress: null, TestContext.Current.CancellationToken);
        await Tool.RunAsync("chmod", "-R", "o+rX", truth.View);
        await using var node = await HostedNode.ServeAsync(
            folder.MakePrivate("state"), ("SITE_NAME", "Synthetic ward"), ("DATA_VIEW", truth.View), ("Lazaret__Disclosure__MinimumCohort", "20"));
        var blocks = await PageScript.RunAsync(
            "researchers.md",
            ("LAZARET", node.Client.BaseAddress!.ToString().TrimEnd('/')), ("MAP", truth.Map), ("PATH", $"{Path.GetDirectoryName(NodeProcess.Binary)}:/usr/bin:/bin"));
        Assert.InRange(blocks, 5, 50);
    }
}
