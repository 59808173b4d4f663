using System.Globalization;
using Lazaret.Tests.EndToEnd;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.WebConsole;

// One browser walks at a time: each has three minutes.
[Collection(nameof(WalkTests))]
public sealed class SqliteWalkTests() : WalkTests(() => Task.FromResult<(string, string)[]>([]));

[Collection(nameof(WalkTests))]
public sealed class PostgresWalkTests() : WalkTests(async () =>
    [("Lazaret__Database__Provider", "postgres"), ("ConnectionStrings__Lazaret", $"{await (await PostgresServer.SharedAsync()).CreateDatabaseAsync()};Pooling=false")]);

/// <summary>Each role's way through the console, in a real browser, against the built node.</summary>
public abstract class WalkTests(Func<Task<(string Key, string Value)[]>> makeDatabase) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>
    /// <list type="number">
    /// <item>An operator, whom the command added, adds a requester and two stewards on the page, and hands on their links.</item>
    /// <item>The requester asks with a real map; the answer is held.</item>
    /// <item>Both stewards approve it, neither of whom sees it.</item>
    /// <item>The requester sees the answer, with its receipt.</item>
    /// <item>A stranger sees nothing.</item>
    /// <item>The operator follows an ingest to its end.</item>
    /// </list>
    /// </summary>
    [Fact]
    public async Task Everybody_finds_their_way()
    {
        var state = _folder.MakePrivate("state");
        (string Key, string Value)[] settings =
        [
            ("DATA_VIEW", TinySite.Folder), ("K_MIN", "5"), .. OpenPolicy.Environment, ("Lazaret__Auth__Modes__0", "accounts"),
            ("Lazaret__Disclosure__Review__Projects__0", "*"), ("Lazaret__Disclosure__Review__Approvals", "2"), .. await makeDatabase(),
        ];
        await using var node = await NodeProcess.ServeAsync(state, settings);
        await using var browser = await Chromium.StartAsync();
        var site = node.Client.BaseAddress!;

        // 1. An operator adds people.
        var (exit, link, error) = await NodeProcess.RunAsync(state, ["people", "add", "olga", "--role", "operator", "--url", $"{site}".TrimEnd('/')], settings);
        Assert.True(exit == 0, error);
        var sessions = new Dictionary<string, string>(StringComparer.Ordinal) { ["olga"] = await SetUpAsync(site, link.Trim()) };
        foreach (var (name, role) in new[] { ("rita", "requester"), ("sam", "steward"), ("tess", "steward") })
        {
            await OpenAsync(browser, site, "console/people", sessions["olga"]);
            await browser.EvaluateAsync($"document.getElementById('person-name').value = '{name}'; document.getElementById('person-role').value = '{role}'; document.querySelector('#person button').click()");
            await browser.UntilAsync($"document.getElementById('h-secret')?.textContent.includes('{name}')");
            sessions[name] = await SetUpAsync(site, (await TextAsync(browser, "document.getElementById('secret').textContent"))!);
        }

        await AssertAccessibleAsync(browser, "people");
        await OpenAsync(browser, site, "console/people", sessions["olga"]);
        Assert.Equal("null", await TextAsync(browser, "String(document.getElementById('secret'))"));
        Assert.Contains("tess", await TextAsync(browser, "document.getElementById('people').innerText"), StringComparison.Ordinal);

        // 2. The requester asks.
        await OpenAsync(browser, site, "console/ask", sessions["rita"]);
        await browser.ChooseFileAsync("#map", TinySite.Map("main.nii.gz"));
        await browser.EvaluateAsync("document.querySelector('[name=\"level:dx\"][value=PD]').click(); document.getElementById('outcome').value = 'UPDRS_change'; document.querySelector('[data-sending]').click()");
        await browser.UntilAsync("location.pathname.startsWith('/console/jobs/')");
        // The page is fetched again by itself.
        await browser.UntilAsync("document.querySelector('h1 .b.hold')");
        var job = await TextAsync(browser, "location.pathname.split('/').pop()");
        var (r, n) = ((double)TinySite.Queries["q04_pd"]["float64_sums"]!["R"]!, (int)TinySite.Queries["q04_pd"]["float64_sums"]!["n"]!);
        var answer = r.ToString("0.000", CultureInfo.InvariantCulture);

        // 3. The stewards approve.
        foreach (var steward in new[] { "sam", "tess" })
        {
            await OpenAsync(browser, site, "console/reviews", sessions[steward]);
            await browser.EvaluateAsync($"document.querySelector('a[href$=\"{job}\"]').click()");
            await browser.UntilAsync("document.getElementById('d-approve')");
            Assert.DoesNotContain(answer, await TextAsync(browser, "document.documentElement.outerHTML"), StringComparison.Ordinal);
            Assert.DoesNotContain("As voted.", await TextAsync(browser, "document.body.innerText"), StringComparison.Ordinal);
            await browser.EvaluateAsync("document.getElementById('d-approve').click(); document.getElementById('why').value = 'As voted.'; document.querySelector('.stay button').click()");
            await browser.UntilAsync("document.body.innerText.includes('As voted.')");
        }

        // 4. The requester sees the answer.
        await OpenAsync(browser, site, $"console/jobs/{job}", sessions["rita"]);
        await browser.UntilAsync("document.querySelector('.answer .big')");
        Assert.Equal($"{answer} {n}", await TextAsync(browser, "`${document.querySelector('.answer .big').textContent} ${[...document.querySelectorAll('.answer dd')].at(-2).textContent}`"));
        // The audit's entry is linked into its chain a moment after it was written.
        await Wait.UntilAsync(async () => await TextAsync(browser, "fetch(document.querySelector('a[href$=\"/receipt\"]').href).then(found => String(found.status))") == "200", "the receipt");
        await AssertAccessibleAsync(browser, "job");
        // Lists and the audit find it by the eight digits that they show.
        foreach (var (reader, list) in new[] { ("rita", "jobs"), ("sam", "ledger") })
        {
            await OpenAsync(browser, site, $"console/{list}?job={job![^8..]}", sessions[reader]);
            Assert.Equal(job, await TextAsync(browser, "document.querySelector('tbody a.mono').href.split('/').pop()"));
            await OpenAsync(browser, site, $"console/{list}?job=00000000", sessions[reader]);
            Assert.Contains(list == "jobs" ? "No job matches these filters." : "ends in 00000000", await TextAsync(browser, "document.querySelector('main').innerText"), StringComparison.Ordinal);
        }

        // 5. A stranger is led to the sign-in page.
        foreach (var path in new[] { "console", $"console/jobs/{job}", $"console/reviews/{job}", "console/people", "console/projects", "console/webhooks", "console/ledger" })
        {
            await OpenAsync(browser, site, path, null);
            Assert.Equal("/sign-in", await TextAsync(browser, "location.pathname"));
            Assert.DoesNotContain(job!, await TextAsync(browser, "document.documentElement.outerHTML"), StringComparison.Ordinal);
        }

        // 6. The operator has the volumes read.
        await OpenAsync(browser, site, "console/data", sessions["olga"]);
        await browser.EvaluateAsync("document.querySelector('form[action$=ingest] button').click()");
        await browser.UntilAsync("document.getElementById('h-in')?.textContent.includes('ended')");
        foreach (var (who, path) in new[] { ("sam", "console/new-project"), ("sam", "console/ledger"), ("olga", "console/webhooks"), ("olga", "console/models") })
        {
            await OpenAsync(browser, site, path, sessions[who]);
            await AssertAccessibleAsync(browser, path);
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Sets a person up by their link, without a browser; answers the session.</summary>
    private static async Task<string> SetUpAsync(Uri site, string link)
    {
        Assert.StartsWith($"{site}sign-in/setup#", link, StringComparison.Ordinal);
        using var browser = new PersonBrowser(site);
        await browser.SetUpAsync(link.Split('#')[1]);
        return browser.Session!;
    }

    /// <summary>Opens a page as whoever has this session; as nobody without one.</summary>
    internal static async Task OpenAsync(Chromium browser, Uri site, string path, string? session)
    {
        await browser.CallAsync("Network.clearBrowserCookies", []);
        if (session is not null)
            await browser.CallAsync("Network.setCookie", new() { ["url"] = $"{site}", ["name"] = "lazaret", ["value"] = session, ["sameSite"] = "Strict", ["httpOnly"] = true });
        // Otherwise the page before it could be taken for it.
        await browser.GoAsync("about:blank");
        await browser.GoAsync($"{site}{path}");
        await browser.UntilAsync("document.querySelector('main h1') && document.querySelector('footer, form')");
    }

    private static async Task<string?> TextAsync(Chromium browser, string expression) => (await browser.EvaluateAsync(expression))?.GetValue<string>();

    private static async Task AssertAccessibleAsync(Chromium browser, string name)
    {
        foreach (var dark in new[] { false, true })
        {
            await PageTests.PictureAsync(browser, $"walk-{name.Replace('/', '-')}", dark, 1280);
            var found = await PageTests.FindFaultsAsync(browser);
            Assert.True(found.Count == 0, $"{name}: {string.Join("\n", found)}");
        }
    }
}
