using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;
using Lazaret.Node.Storage;
using Lazaret.Node.WebConsole;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Releases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.WebConsole;

/// <summary>Pages that keep themselves up to date.</summary>
public sealed class LivePageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ada", "requester")]
    [InlineData("ada", "requester steward")]
    [InlineData("eve", "auditor")]
    public async Task A_page_shows_an_answer_when_it_may_be_seen_though_nothing_else_happens_on_the_node(string reader, string roles)
    {
        // The entry of the answer comes some ticks before its requester may see it.
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = new DisclosureOptions { QueriesPerWeek = 0 } });
        await using var browser = await Chromium.StartAsync();
        var key = await node.RegisterAsync(reader, roles.Split(' ').Aggregate(Roles.None, (all, role) => all | RoleNames.Find(role)));
        await browser.CallAsync("Network.enable", []);
        await browser.CallAsync("Network.setExtraHTTPHeaders", new() { ["headers"] = new System.Text.Json.Nodes.JsonObject { ["Authorization"] = $"Bearer {key}" } });
        var job = await DecidedJobs.AdmitAsync(node.Services, "ada", "q");
        await browser.GoAsync($"{node.Client.BaseAddress}console/jobs/{job.Id}");
        await browser.UntilAsync("document.querySelector('h1 .b.wait')");
        var claimed = (await node.Services.GetRequiredService<JobQueue>().ClaimAsync("process", Unrunnable.None, job.Id, Stop))!;
        await DecidedJobs.ConcludeAsync(node.Services, claimed, [DecidedJobs.Ask("q")], node.Services.GetRequiredService<TimeProvider>().GetUtcNow().AddSeconds(4));
        await browser.UntilAsync("document.querySelector('.answer .big')");
    }

    [Fact]
    public async Task A_page_is_not_exchanged_under_whoever_is_at_work_in_it_and_a_failed_fetch_is_tried_again()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = OpenPolicy.Options });
        await using var browser = await Chromium.StartAsync();
        await DecidedJobs.AdmitAsync(node.Services, Requester.Local.Name, "first");
        await browser.GoAsync($"{node.Client.BaseAddress}console/jobs");
        await browser.UntilAsync("document.querySelector('main tbody a')");
        const string Offered = "!document.querySelector('[data-later]').hidden";

        // A filter is chosen, and not used yet.
        await browser.EvaluateAsync("document.getElementById('f-state').value = 'failed'");
        var job = await DecidedJobs.AdmitAsync(node.Services, Requester.Local.Name, "second");
        await browser.UntilAsync(Offered);
        Assert.Equal("failed false", await browser.TextAsync($"`${{document.getElementById('f-state').value}} ${{Boolean({IsListed(job.Id)})}}`"));
        await browser.EvaluateAsync("document.querySelector('[data-later]').click()");
        await browser.UntilAsync($"{IsListed(job.Id)} && !({Offered})");

        // The keyboard is at a link.
        await browser.EvaluateAsync("window.link = document.querySelector('main tbody a'); link.focus()");
        job = await DecidedJobs.AdmitAsync(node.Services, Requester.Local.Name, "third");
        await browser.UntilAsync(Offered);
        Assert.Equal("true", await browser.TextAsync("String(document.activeElement === window.link)"));
        await browser.EvaluateAsync("link.blur()");
        await browser.UntilAsync(IsListed(job.Id));

        // The node has no time for the page just then.
        await browser.EvaluateAsync("window.sound = window.fetch; window.fetch = (address, ...more) => String(address).includes('/changes') ? sound(address, ...more) : Promise.resolve(new Response('', { status: 503 }))");
        job = await DecidedJobs.AdmitAsync(node.Services, Requester.Local.Name, "fourth");
        await browser.UntilAsync("document.querySelector('[data-live]').textContent.startsWith('Not live since')");
        await browser.EvaluateAsync("window.fetch = window.sound");
        await browser.UntilAsync(IsListed(job.Id));
        Assert.Equal("null", await browser.TextAsync("String(document.querySelector('[data-live]').closest('[role=status]'))"));

        // That a job is over is told to whoever does not see it, and then nothing more is asked for.
        job = await DecidedJobs.AdmitAsync(node.Services, "somebody", "fifth");
        await browser.GoAsync($"{node.Client.BaseAddress}console/jobs/{job.Id}");
        await browser.UntilAsync("document.querySelector('h1 .b.wait')");
        await DecidedJobs.ConcludeAsync(node.Services, job.Id, DecidedJobs.Ask("fifth"));
        await browser.UntilAsync("document.querySelector('h1 .b.ok')");
        Assert.Matches(@"^Job \w+ Done$", (await browser.TextAsync("document.querySelector('[role=status] [data-news]').textContent")).Trim());
        Assert.Equal("null", await browser.TextAsync("String(document.querySelector('[data-live]'))"));
    }

    [Fact]
    public async Task What_changed_is_shown_when_it_is_asked_for_though_something_to_be_done_is_opened()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = OpenPolicy.Options });
        await using var browser = await Chromium.StartAsync();
        var job = await DecidedJobs.AdmitAsync(node.Services, Requester.Local.Name, "q");
        await browser.GoAsync($"{node.Client.BaseAddress}console/jobs/{job.Id}");
        await browser.UntilAsync("document.querySelector('h1 .b.wait')");
        await browser.EvaluateAsync("document.querySelector('main details.act').open = true");
        await DecidedJobs.ConcludeAsync(node.Services, job.Id, DecidedJobs.Ask("q"));
        await browser.UntilAsync("!document.querySelector('[data-later]').hidden");
        await browser.EvaluateAsync("document.querySelector('[data-later]').click()");
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
        Assert.Matches("^[1-9]", seen);
    }

    [Fact]
    public async Task Two_processes_come_to_the_same_mark_so_that_a_page_that_asks_them_by_turns_rests()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = new DisclosureOptions { QueriesPerWeek = 0, TickMilliseconds = (int)Tick.TotalMilliseconds } });
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var one = Pulse(node, time);
        var before = await one.NowAsync(Requester.Local, Stop);
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("q"), Asker.Name);
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        var shown = (await db.Jobs.AsNoTracking().SingleAsync(found => found.Id == job.Id, Stop)).PublishedAt!.Value;
        using var early = Pulse(node, new FakeTimeProvider(shown.AddMilliseconds(-1)));
        var entry = await early.NowAsync(Requester.Local, Stop);
        time.SetUtcNow(shown.AddSeconds(6));
        var (tick, asker) = (await one.NowAsync(Requester.Local, Stop), await one.NowAsync(Asker, Stop));
        for (var later = 0; later < 4; later++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            using var other = Pulse(node, time);
            Assert.Equal((tick, tick), (await one.NowAsync(Requester.Local, Stop), await other.NowAsync(Requester.Local, Stop)));
            Assert.Equal((asker, asker), (await one.NowAsync(Asker, Stop), await other.NowAsync(Asker, Stop)));
        }

        Assert.Distinct([before, entry, tick]);
    }

    [Fact]
    public async Task To_requesters_the_mark_changes_on_ticks_alone_and_counts_nothing()
    {
        await using var node = await ServingNode.StartAsync();
        var auditor = new Requester("eve", Roles.Auditor);
        await WriteAsync(node);
        var (_, at) = await node.Services.GetRequiredService<AuditLog>().LastAsync(Stop);
        var tick = new DateTimeOffset((at.UtcTicks / Tick.Ticks + 1) * Tick.Ticks, TimeSpan.Zero);
        var time = new FakeTimeProvider(at);
        using (var pulse = Pulse(node, time))
        {
            // Whatever was before this tick.
            var (asker, all) = (await pulse.NowAsync(Asker, Stop), await pulse.NowAsync(auditor, Stop));
            Assert.Matches("^[0-9a-f]{16}$|^0$", asker);
            await WriteAsync(node);
            time.SetUtcNow(Later(tick.AddMilliseconds(-1), at.AddSeconds(1)));
            Assert.NotEqual(all, await pulse.NowAsync(auditor, Stop));
        }

        // The node's clock goes on, and the entries came within two ticks at most.
        var marks = new List<string>();
        for (var now = tick.AddMilliseconds(-1); now < tick + 2 * Tick; now = now.AddMilliseconds(500))
        {
            using var pulse = Pulse(node, new FakeTimeProvider(now));
            marks.Add($"{now.UtcTicks / Tick.Ticks} {await pulse.NowAsync(Asker, Stop)}");
        }

        // One mark within each tick, and another one after that of the entries.
        Assert.Equal(marks.Select(mark => mark.Split(' ')[0]).Distinct().Count(), marks.Distinct(StringComparer.Ordinal).Count());
        Assert.NotEqual(marks[0].Split(' ')[1], marks[^1].Split(' ')[1]);

        static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
    }

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    private static Requester Asker { get; } = new("ada", Roles.Requester);

    private static ConsolePulse Pulse(ServingNode node, FakeTimeProvider time) => ActivatorUtilities.CreateInstance<ConsolePulse>(node.Services, new DisclosureOptions { TickMilliseconds = (int)Tick.TotalMilliseconds }, time);

    private static Task WriteAsync(ServingNode node) => node.Services.GetRequiredService<AuditLog>().WriteAsync(AuditAction.AuditRead, "somebody", new(), Stop);

    private static string IsListed(Guid job) => $"document.querySelector('main a[href$=\"{job}\"]')";
}
