using System.Globalization;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Releases;
using Lazaret.Node.WebConsole;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Releases;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

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

    [Fact]
    public async Task Two_processes_come_to_the_same_number_so_that_a_page_that_asks_them_by_turns_rests()
    {
        await using var node = await ServingNode.StartAsync();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var one = Pulse();
        var before = await one.NowAsync(Stop);
        await node.Services.GetRequiredService<AuditLog>().WriteAsync(AuditAction.AuditRead, "somebody", new(), Stop);
        time.Advance(TimeSpan.FromSeconds(1));
        var entry = await one.NowAsync(Stop);
        time.Advance(TimeSpan.FromSeconds(10));
        var tick = await one.NowAsync(Stop);
        time.Advance(TimeSpan.FromSeconds(10));
        using var other = Pulse();
        Assert.Equal((tick, tick), (await one.NowAsync(Stop), await other.NowAsync(Stop)));
        Assert.Distinct([before, entry, tick]);

        ConsolePulse Pulse() => ActivatorUtilities.CreateInstance<ConsolePulse>(node.Services, new DisclosureOptions { TickMilliseconds = 5000 }, time);
    }
}
