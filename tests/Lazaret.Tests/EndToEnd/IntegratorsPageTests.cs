using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.EndToEnd;

/// <summary>docs/integrators.md: its requests run as they are written, and answer what it says.</summary>
public sealed partial class IntegratorsPageTests
{
    private const string End = "--end of block--";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_request_of_the_page_is_answered_as_it_says()
    {
        ServerProcess.Require("/usr/bin/curl", "curl");
        using var folder = new TemporaryFolder();
        using var own = new TemporaryFolder();
        var state = own.Path;
        (string, string)[] settings = [("Lazaret__Webhooks__Allow__0", "localhost"), ("Lazaret__Auth__Modes__0", "key")];
        await RunAsync("models", "add", Repository.File("artifacts", "lazaret", "samples", "sepsis-news2", "manifest.yaml"));
        var key = (await RunAsync("requesters", "add", "bot")).Trim();
        await RunAsync("webhooks", "secret", "rotate", "--requester", "bot");
        await using var node = await NodeProcess.ServeAsync(state, settings);
        var blocks = Block().Matches(await File.ReadAllTextAsync(Repository.File("docs", "integrators.md"), Stop));
        Assert.InRange(blocks.Count, 10, 50);
        var script = new StringBuilder("set -eu -o pipefail\n");
        foreach (Match block in blocks)
            script.Append(block.Groups["code"].Value).Append("echo; echo '").Append(End).Append("'\n");
        await File.WriteAllTextAsync(folder["page.sh"], script.ToString(), Stop);

        var start = new ProcessStartInfo("/usr/bin/timeout", ["120", "/bin/bash", folder["page.sh"]]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = folder.Path };
        start.Environment["LAZARET"] = node.Client.BaseAddress!.ToString().TrimEnd('/');
        start.Environment["LAZARET_KEY"] = key;
        using var shell = Process.Start(start)!;
        var error = shell.StandardError.ReadToEndAsync(Stop);
        var printed = (await shell.StandardOutput.ReadToEndAsync(Stop)).Split(End);
        await shell.WaitForExitAsync(Stop);
        Assert.True(shell.ExitCode == 0, $"{await error}\n{string.Join(End, printed)}");
        for (var i = 0; i < blocks.Count; i++)
        {
            var expected = blocks[i].Groups["answer"].Value.Trim();
            var pattern = string.Join(".*", expected.Split('…').Select(Regex.Escape));
            var answer = printed[i].Trim().Replace(@"\u0027", "'", StringComparison.Ordinal);
            Assert.True(Regex.IsMatch(answer, $"^{pattern}$", RegexOptions.Singleline, TimeSpan.FromSeconds(5)), $"{blocks[i].Groups["code"].Value}\nsays\n{expected}\nand was answered\n{answer}");
        }

        async Task<string> RunAsync(params string[] arguments)
        {
            var (exitCode, output, why) = await NodeProcess.RunAsync(state, arguments, settings);
            Assert.True(exitCode == 0, why);
            return output;
        }
    }

    [GeneratedRegex("^```sh\n(?<code>.*?)^```\n(```text\n(?<answer>.*?)^```\n)?", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();
}
