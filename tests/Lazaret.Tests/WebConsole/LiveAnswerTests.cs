using System.Text.Json.Nodes;
using Lazaret.Tests.Disclosure;
using Lazaret.Tests.EndToEnd;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.WebConsole;

[Collection(nameof(WalkTests))]
public sealed class SqliteLiveAnswerTests() : LiveAnswerTests(() => Task.FromResult<(string, string)[]>([]));

[Collection(nameof(WalkTests))]
public sealed class PostgresLiveAnswerTests() : LiveAnswerTests(async () =>
    [("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", $"{await (await PostgresServer.SharedAsync()).CreateDatabaseAsync()};Pooling=false")]);

/// <summary>A real run whose answer comes by itself to a page that waits for it.</summary>
public abstract class LiveAnswerTests(Func<Task<(string Key, string Value)[]>> makeDatabase) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_the_settings_as_they_are_shipped_a_page_shows_the_answer_of_another_process_by_itself()
    {
        using var site = new RandomSite(60, seed: 5);
        var state = _folder.MakePrivate("state");
        // One of the policy's settings must be named: otherwise tests have an open one.
        (string, string)[] settings = [("DATA_VIEW", site.Path), ("Lazaret__Disclosure__TickMilliseconds", "1000"), .. await makeDatabase()];
        await using var api = await HostedNode.ServeAsync(state, "api", settings);
        await using var browser = await Chromium.StartAsync();
        using var form = TinySite.Form(site.NextMap(), ("outcome", "change"));
        using var admitted = await api.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        var said = await admitted.Content.ReadAsStringAsync(Stop);
        await browser.GoAsync($"{api.Client.BaseAddress}console/jobs/{(string?)JsonNode.Parse(said)!["job_id"]}");
        await browser.UntilAsync("document.querySelector('h1 .b.wait')");

        await using var worker = await NodeProcess.ServeAsync(state, "work", settings);
        await browser.UntilAsync("document.querySelector('.answer .big')");
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
