using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

/// <summary>docs/integrators.md: its requests run as they are written, and answer what it says.</summary>
public sealed class IntegratorsPageTests
{
    [Fact]
    public async Task Every_request_of_the_page_is_answered_as_it_says()
    {
        ServerProcess.Require("/usr/bin/curl", "curl");
        using var own = new TemporaryFolder();
        var state = own.Path;
        (string, string)[] settings = [("Lazaret__Webhooks__Allow__0", "localhost"), ("Lazaret__Auth__Modes__0", "key")];
        await RunAsync("models", "add", Repository.File("artifacts", "lazaret", "samples", "sepsis-news2", "manifest.yaml"));
        var key = (await RunAsync("requesters", "add", "bot")).Trim();
        await RunAsync("webhooks", "secret", "rotate", "--requester", "bot");
        await using var node = await HostedNode.ServeAsync(state, settings);
        Assert.InRange(await PageScript.RunAsync("integrators.md", ("LAZARET", node.Client.BaseAddress!.ToString().TrimEnd('/')), ("LAZARET_KEY", key)), 10, 50);

        async Task<string> RunAsync(params string[] arguments)
        {
            var (exitCode, output, why) = await HostedNode.RunAsync(state, arguments, settings);
            Assert.True(exitCode == 0, why);
            return output;
        }
    }
}
