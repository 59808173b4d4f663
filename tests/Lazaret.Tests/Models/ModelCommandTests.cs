using System.Text.Json.Nodes;
using Lazaret.Tests.EndToEnd;

namespace Lazaret.Tests.Models;

public sealed class ModelCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_negotiation_over_an_invalid_bundle_is_refused()
    {
        await File.WriteAllTextAsync(_folder["bundle.json"], """{"resourceType":"Bundle","type":"collection","entries":[]}""", TestContext.Current.CancellationToken);
        string[] command = ["models", "negotiate", Repository.File("samples", "models", "sepsis-news2", "manifest.yaml"), _folder["bundle.json"]];

        var json = await HostedNode.RunAsync(_folder.Path, [.. command, "--json"]);
        Assert.Equal(1, json.ExitCode);
        var answer = JsonNode.Parse(json.Output)!;
        Assert.Equal("refused", (string?)answer["verdict"]);
        Assert.Contains("8310-5", answer["missing"]!.AsArray().Select(item => (string?)item!["code"]));
        Assert.Empty(answer["used"]!.AsObject());

        var words = await HostedNode.RunAsync(_folder.Path, command);
        Assert.Equal(1, words.ExitCode);
        Assert.Contains(" at Bundle.entries: ", words.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_negotiation_warns_of_faults_where_nobody_reads_or_refuses_them_when_told_to()
    {
        await File.WriteAllTextAsync(
            _folder["bundle.json"], """{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","extension":[]}}]}""", TestContext.Current.CancellationToken);
        string[] command = ["models", "negotiate", Repository.File("samples", "models", "sepsis-news2", "manifest.yaml"), _folder["bundle.json"]];

        var relevant = JsonNode.Parse((await HostedNode.RunAsync(_folder.Path, [.. command, "--json"])).Output)!;
        Assert.Equal("data-required", (string?)relevant["verdict"]);
        Assert.Equal("Bundle.entry[0].resource.extension", (string?)Assert.Single(relevant["warnings"]!.AsArray())!["expression"]);

        var whole = JsonNode.Parse((await HostedNode.RunAsync(_folder.Path, [.. command, "--json", "--strictness", "whole"])).Output)!;
        Assert.Equal("refused", (string?)whole["verdict"]);
        Assert.Equal(2, (await HostedNode.RunAsync(_folder.Path, [.. command, "--strictness", "lenient"])).ExitCode);
    }

    public void Dispose() => _folder.Dispose();
}
