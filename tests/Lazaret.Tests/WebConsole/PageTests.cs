using System.Text.Json.Nodes;
using Deque.AxeCore.Commons;
using Lazaret.Node.Identity;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Releases;

namespace Lazaret.Tests.WebConsole;

/// <summary>The console in a real browser. With <c>LAZARET_PAGES</c> set to a folder each page is pictured there.</summary>
public sealed class PageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_page_has_what_hinders_people_in_either_scheme_at_any_width()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = OpenPolicy.Options with { Review = new ReviewOptions { Requesters = ["somebody"] } } });
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"), Requester.Local.Name);
        var held = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("b"), "somebody");
        var batch = await DecidedJobs.RunBatchAsync(node.Services, Requester.Local.Name, DecidedJobs.Ask("c"), DecidedJobs.Ask("d"), DecidedJobs.Ask("e"));
        await using var browser = await Chromium.StartAsync();
        var axe = new BundledAxeScriptProvider().GetScript();
        var found = new List<string>();
        foreach (var (name, path) in new[]
        {
            ("home", ""), ("jobs", "/jobs"), ("job", $"/jobs/{job.Id}"), ("batch", $"/jobs/{batch.Id}"), ("other-job", $"/jobs/{held.Id}"), ("ask", "/ask"), ("reviews", "/reviews"), ("review", $"/reviews/{held.Id}"), ("data", "/data"), ("models", "/models"),
            ("model", $"/models/{ServingNode.Model}"), ("ledger", "/ledger"), ("people", "/people"), ("projects", "/projects"), ("new-project", "/new-project"), ("webhooks", "/webhooks"), ("nothing", $"/jobs/{Guid.Empty}"),
        })
        {
            await browser.GoAsync($"{node.Client.BaseAddress}console{path}");
            await browser.UntilAsync("document.querySelector('footer')");
            foreach (var (dark, width) in new[] { (false, 1280), (true, 1280), (false, 820), (true, 640) })
            {
                await PictureAsync(browser, name, dark, width);
                await browser.EvaluateAsync($"{axe}; 1");
                var report = (await browser.EvaluateAsync("axe.run().then(report => JSON.stringify(report.violations.map(v => `${v.impact} ${v.id}: ${v.nodes.map(n => n.html).join(' | ')}`)))"))!.GetValue<string>();
                found.AddRange(JsonNode.Parse(report)!.AsArray().Select(fault => $"{name}, {width}, {(dark ? "dark" : "light")}: {fault}"));
                if ((await browser.EvaluateAsync("document.documentElement.scrollWidth > window.innerWidth"))!.GetValue<bool>())
                    found.Add($"{name}, {width}: wider than the window");
            }
        }

        Assert.Empty(found);
    }

    [Fact]
    public async Task The_interface_is_shown_by_a_script_of_the_nodes_own()
    {
        await using var node = await ServingNode.StartAsync();
        await using var browser = await Chromium.StartAsync();
        await browser.GoAsync($"{node.Client.BaseAddress}docs");
        await browser.UntilAsync("document.body.innerText.includes('Questions travel to the data')");
        Assert.Equal(0, (await browser.EvaluateAsync("performance.getEntriesByType('resource').filter(entry => new URL(entry.name).origin !== location.origin && !entry.name.startsWith('data:')).length"))!.GetValue<int>());
        await PictureAsync(browser, "docs", dark: false, 1280);
    }

    [Fact]
    public async Task A_researcher_asks_with_a_map_and_is_told_what_is_wrong_without_losing_the_form()
    {
        await using var node = await ServingNode.StartAsync();
        await using var browser = await Chromium.StartAsync();
        await browser.GoAsync($"{node.Client.BaseAddress}console/ask");
        await browser.UntilAsync("document.querySelector('form[data-question]')");
        await browser.ChooseFileAsync("#map", TinySite.Map("main.nii.gz"));

        // Nothing chosen means all visits, and this site wants one.
        await browser.EvaluateAsync("document.querySelector('[name=covariates]').value = 'no_such'; document.querySelector('[data-sending]').click()");
        await browser.UntilAsync("!document.getElementById('refusal').hidden");
        Assert.Contains("no_such", (await browser.EvaluateAsync("document.getElementById('refusal').textContent"))!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("1", (await browser.EvaluateAsync("String(document.getElementById('map').files.length)"))!.GetValue<string>());

        await browser.EvaluateAsync("document.querySelector('[data-of=dx][data-level=PD]').click()");
        Assert.Contains("\"dx\":\"PD\"", (await browser.EvaluateAsync("document.querySelector('[name=filters]').value"))!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("-F 'map_file=@\"main.nii.gz\"'", (await browser.EvaluateAsync("document.querySelector('[data-curl]').textContent"))!.GetValue<string>(), StringComparison.Ordinal);
        await browser.EvaluateAsync("document.querySelector('[data-sending]').click()");
        await browser.UntilAsync("location.pathname.startsWith('/console/jobs/') && document.querySelector('.line')");
    }

    internal static async Task PictureAsync(Chromium browser, string name, bool dark, int width)
    {
        var picture = await browser.PictureAsync(dark, width);
        if (Environment.GetEnvironmentVariable("LAZARET_PAGES") is { Length: > 0 } folder)
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}-{width}-{(dark ? "dark" : "light")}.png"), picture, Stop);
    }
}
