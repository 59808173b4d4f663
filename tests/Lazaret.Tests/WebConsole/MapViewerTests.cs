using System.Text.Json.Nodes;
using Lazaret.Node.Identity;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Releases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.WebConsole;

/// <summary>The map viewer in a real browser, whose WebGL a processor computes. With <c>LAZARET_PAGES</c> set to a folder each page is pictured there.</summary>
public sealed class MapViewerTests
{
    private const string IsDrawn = "document.querySelector('[data-part=said]').hidden && !document.querySelector('[data-part=picture]').hidden";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_map_is_looked_at_before_it_is_sent_and_nothing_of_it_leaves_the_browser()
    {
        await using var node = await ServingNode.StartAsync();
        await using var browser = await StartAsync();
        await browser.GoAsync($"{node.Client.BaseAddress}console/ask");
        await browser.UntilAsync("document.querySelector('form[data-question]')");
        await browser.ChooseFileAsync("#map", TinySite.Map("main.nii.gz"));
        await browser.UntilAsync(IsDrawn);

        Assert.StartsWith("23 × 28 × 23 at 8 × 8 × 8 mm, one volume", await TextAsync(browser, "grid"), StringComparison.Ordinal);
        Assert.StartsWith("none: it lies on", await TextAsync(browser, "fit"), StringComparison.Ordinal);
        Assert.Matches("^Highest at x −?[0-9]+, y −?[0-9]+, z −?[0-9]+ mm: ", await TextAsync(browser, "told"));
        await ChooseAsync(browser, "#mask", "STN");
        await browser.UntilAsync("document.querySelector('[data-part=behind]').textContent.includes('STN')");
        await PictureAsync(browser, "ask-map");

        // A file of another kind.
        await browser.ChooseFileAsync("#map", Path.Combine(TinySite.Folder, "subjects.csv"));
        await browser.UntilAsync("document.querySelector('[data-part=said]').textContent.includes('no NIfTI file')");
        Assert.True((await browser.EvaluateAsync("document.querySelector('[data-part=picture]').hidden"))!.GetValue<bool>());
        await AssertSelfContainedAsync(browser);
        Assert.Equal("[]", await browser.TextAsync("JSON.stringify(performance.getEntriesByType('resource').map(entry => new URL(entry.name).pathname).filter(path => !path.startsWith('/console/files/') && !path.startsWith('/console/masks/')))"));
    }

    [Fact]
    public async Task A_map_stays_chosen_while_the_page_is_written_anew_for_another_project()
    {
        await using var node = await ServingNode.StartAsync();
        await using (var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop))
        {
            // No command makes whoever is at the machine a member.
            db.Projects.AddRange(new[] { "first", "second" }.Select(key => Project.Of(new Approval(key, "A study") { Members = [Requester.Local.Name] }, TimeProvider.System.GetUtcNow())));
            await db.SaveChangesAsync(Stop);
        }

        await using var browser = await StartAsync();
        await browser.GoAsync($"{node.Client.BaseAddress}console/ask");
        await browser.UntilAsync("document.querySelector('form[data-question]')");
        await browser.ChooseFileAsync("#map", TinySite.Map("main.nii.gz"));
        await browser.UntilAsync(IsDrawn);
        await ChooseAsync(browser, "#stat", "spearman");
        await ChooseAsync(browser, "#project", "second");
        await browser.UntilAsync($"location.search.includes('project=second') && document.querySelector('[data-part=said]') && {IsDrawn}");
        Assert.Equal("main.nii.gz second spearman", await browser.TextAsync("`${document.getElementById('map').files[0].name} ${document.getElementById('project').value} ${document.getElementById('stat').value}`"));
        Assert.Equal("false", await browser.TextAsync("caches.has('question').then(String)"));
    }

    [Fact]
    public async Task A_steward_and_the_requester_see_the_map_and_move_its_crosshair_by_keyboard()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = OpenPolicy.Options with { Review = new ReviewOptions { Requesters = ["somebody"] } } });
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        var own = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"), Requester.Local.Name, map: map);
        var held = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("b"), "somebody", map: map);
        await using var browser = await StartAsync();
        foreach (var (name, path) in new[] { ("review-map", $"reviews/{held.Id}"), ("job-map", $"jobs/{own.Id}") })
        {
            await browser.GoAsync($"{node.Client.BaseAddress}console/{path}");
            await browser.UntilAsync($"document.querySelector('[data-part=said]') && {IsDrawn}");
            var (before, value) = (await TextAsync(browser, "crosshair"), await TextAsync(browser, "value"));
            Assert.Matches("^x −?[0-9]+, y −?[0-9]+, z −?[0-9]+ mm$", before);
            Assert.NotEqual("none", value);
            foreach (var key in new[] { "ArrowLeft", "ArrowUp", "PageDown" })
            {
                await browser.EvaluateAsync($"document.querySelector('[data-part=canvas]').dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}))");
                Assert.NotEqual(before, before = await TextAsync(browser, "crosshair"));
            }

            // A key of NiiVue's own, which would leave the three planes.
            Assert.Equal("1", await browser.TextAsync("String(document.querySelector('[data-part=canvas]').dispatchEvent(new KeyboardEvent('keyup', { key: 'v', code: 'KeyV', bubbles: true })) ? 1 : 0)"));
            await AssertDrawnAsync(browser);
            await PictureAsync(browser, name);
            await AssertSelfContainedAsync(browser);
        }
    }

    /// <summary>Many colours, that is: the background alone has one.</summary>
    private static async Task AssertDrawnAsync(Chromium browser)
    {
        // What was drawn can be read until the browser has shown it.
        var colours = int.Parse(await browser.TextAsync(
            """
            (() => {
              const canvas = document.querySelector('[data-part=canvas]');
              canvas.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
              const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
              copy.drawImage(canvas, 0, 0);
              return String(new Set(new Uint32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size);
            })()
            """), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(colours, 50, int.MaxValue);
    }

    private static async Task AssertSelfContainedAsync(Chromium browser)
    {
        Assert.Equal("[]", await browser.TextAsync("JSON.stringify(violations)"));
        Assert.Equal("[]", await browser.TextAsync("JSON.stringify(performance.getEntriesByType('resource').map(entry => entry.name).filter(name => new URL(name).origin !== location.origin && !name.startsWith('data:')))"));
        Assert.Empty(await PageTests.FindFaultsAsync(browser));
    }

    private static async Task<Chromium> StartAsync()
    {
        var browser = await Chromium.StartAsync(draws: true);
        await browser.CallAsync("Page.enable", []);
        // What the page's policy refuses is heard.
        await browser.CallAsync("Page.addScriptToEvaluateOnNewDocument", new JsonObject { ["source"] = "window.violations = []; document.addEventListener('securitypolicyviolation', refused => violations.push(`${refused.effectiveDirective} ${refused.blockedURI}`));" });
        return browser;
    }

    private static Task<string> TextAsync(Chromium browser, string part) => browser.TextAsync($"document.querySelector('[data-part={part}]').textContent");

    private static async Task ChooseAsync(Chromium browser, string field, string value) => await browser.EvaluateAsync(
        $"(field => {{ field.value = '{value}'; field.dispatchEvent(new Event('change', {{ bubbles: true }})); }})(document.querySelector('{field}'))");

    private static async Task PictureAsync(Chromium browser, string name)
    {
        if (Environment.GetEnvironmentVariable("LAZARET_PAGES") is not { Length: > 0 } folder)
            return;
        foreach (var (dark, width) in new[] { (false, 1280), (true, 820) })
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}-{width}-{(dark ? "dark" : "light")}.png"), await browser.PictureAsync(dark, width), Stop);
    }
}
