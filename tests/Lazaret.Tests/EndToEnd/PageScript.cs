using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The commands of a page of the documentation, run one after the other in one shell, and what the page says that they print.</summary>
internal static partial class PageScript
{
    private const string End = "--end of block--";

    /// <param name="page">Its name in docs.</param>
    /// <param name="variables">The shell's environment, beside the test's own.</param>
    /// <returns>How many commands' blocks there are.</returns>
    public static async Task<int> RunAsync(string page, params IEnumerable<(string Name, string Value)> variables)
    {
        var stop = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var blocks = Block().Matches(await File.ReadAllTextAsync(Repository.File("docs", page), stop));
        var script = new StringBuilder("set -eu -o pipefail\n");
        foreach (Match block in blocks)
            script.Append(block.Groups["code"].Value).Append("echo; echo '").Append(End).Append("'\n");
        await File.WriteAllTextAsync(folder["page.sh"], script.ToString(), stop);

        var start = new ProcessStartInfo("/usr/bin/timeout", ["120", "/bin/bash", folder["page.sh"]]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = folder.Path };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var shell = Process.Start(start)!;
        var error = shell.StandardError.ReadToEndAsync(stop);
        var printed = (await shell.StandardOutput.ReadToEndAsync(stop)).Split(End);
        await shell.WaitForExitAsync(stop);
        Assert.True(shell.ExitCode == 0, $"{await error}\n{string.Join(End, printed)}");
        for (var i = 0; i < blocks.Count; i++)
        {
            var expected = blocks[i].Groups["answer"].Value.Trim();
            var pattern = string.Join(".*", expected.Split('…').Select(Regex.Escape));
            var answer = printed[i].Trim().Replace(@"\u0027", "'", StringComparison.Ordinal);
            Assert.True(Regex.IsMatch(answer, $"^{pattern}$", RegexOptions.Singleline, TimeSpan.FromSeconds(5)), $"{blocks[i].Groups["code"].Value}\nsays\n{expected}\nand was answered\n{answer}");
        }

        return blocks.Count;
    }

    [GeneratedRegex("^```sh\n(?<code>.*?)^```\n(```text\n(?<answer>.*?)^```\n)?", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();
}
