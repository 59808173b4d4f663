using System.Globalization;
using Lazaret.Node.Identity;
using Lazaret.Node.Releases;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Releases;

namespace Lazaret.Tests.WebConsole;

/// <summary>Pages that keep themselves up to date.</summary>
public sealed class LivePageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_shows_an_answer_at_its_tick_though_nothing_else_happens_on_the_node()
    {
        // The entry of the answer comes long before the tick at which its requester may see it.
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = new DisclosureOptions { QueriesPerWeek = 0, TickMilliseconds = 5000 } });
        await using var browser = await Chromium.StartAsync();
        var job = await DecidedJobs.AdmitAsync(node.Services, Requester.Local.Name, "q");
        await browser.GoAsync($"{node.Client.BaseAddress}console/jobs/{job.Id}");
        await browser.UntilAsync("document.querySelector('h1 .b.wait')");
        await DecidedJobs.ConcludeAsync(node.Services, job.Id, DecidedJobs.Ask("q"));
        await browser.UntilAsync("document.querySelector('.answer .big')");
    }

    [Fact]
    public async Task A_page_that_says_how_far_the_node_was_is_not_fetched_again_until_something_happens()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = OpenPolicy.Options });
        await using var browser = await Chromium.StartAsync();
        await node.Client.GetStringAsync(new Uri("/console/changes", UriKind.Relative), Stop);
        await browser.GoAsync($"{node.Client.BaseAddress}console/jobs");
        const string Fetched = "performance.getEntriesByType('resource').filter(entry => entry.initiatorType === 'fetch').map(entry => new URL(entry.name).pathname).join()";
        await browser.UntilAsync("document.querySelector('[data-seen]')");
        var seen = await browser.TextAsync("document.querySelector('[data-seen]').dataset.seen");
        Assert.Equal(seen, await node.Client.GetStringAsync(new Uri("/console/changes", UriKind.Relative), Stop));
        Assert.Equal("", await browser.TextAsync(Fetched));

        var job = await DecidedJobs.AdmitAsync(node.Services, Requester.Local.Name, "q");
        await browser.UntilAsync($"document.querySelector('main a[href$=\"{job.Id}\"]')");
        Assert.Equal("/console/changes,/console/jobs", await browser.TextAsync(Fetched));
        Assert.True(long.Parse(seen, CultureInfo.InvariantCulture) > 0);
    }
}
