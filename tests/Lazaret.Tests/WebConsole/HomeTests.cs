using System.Net;
using Lazaret.Node.Audit;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Health;
using Lazaret.Node.Identity;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.WebConsole.Ledger;
using Lazaret.Node.WebConsole.Parts;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Releases;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.WebConsole;

/// <summary>What the console's first page says of the node, and the next steps that it offers.</summary>
public sealed class HomeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_needs_somebody_has_a_next_step_that_the_reader_can_take()
    {
        using var folder = new TemporaryFolder();
        var view = folder.Copy(TinySite.Folder, "view");
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Data = new DataOptions { View = view }, Health = new HealthOptions { MinimumFreeMiB = 1_048_576 } });
        var (sam, olga) = (await node.RegisterAsync("sam", Roles.Steward), await node.RegisterAsync("olga", Roles.Operator));
        // The disk: no page shows more of it than this one.
        var (steward, @operator) = (await GetAsync(node, "/console", sam), await GetAsync(node, "/console", olga));
        Assert.Contains("Disk needs a look", steward, StringComparison.Ordinal);
        Assert.Contains("Tell an operator", steward, StringComparison.Ordinal);
        Assert.Matches("below [^<]* MiB are free.*lazaret doctor</code> says more", @operator);
        foreach (var page in new[] { steward, @operator })
        {
            Assert.DoesNotContain("console#node", page, StringComparison.Ordinal);
            // That is for programs at /readyz.
            Assert.DoesNotContain("at this address with their key", page, StringComparison.Ordinal);
        }

        // A table's row that is lost waits for somebody, too; it names people, and so has no step for operators.
        Assert.Matches("1 fault of the data view<.*/console/data\"", steward);
        Assert.Contains("1 fault of the data view", @operator, StringComparison.Ordinal);

        Assert.Contains("There is no backup yet", @operator, StringComparison.Ordinal);
        Assert.DoesNotContain("There is no backup yet", steward, StringComparison.Ordinal);

        // Tables that cannot be read: whoever mends them has them read again.
        await File.WriteAllTextAsync(Path.Combine(view, "paths.csv"), "nothing", Stop);
        await ReloadAsync(node, sam);
        var data = await GetAsync(node, "/console/data", sam);
        Assert.Contains("The data are not available", data, StringComparison.Ordinal);
        Assert.Contains("/console/data/reload", data, StringComparison.Ordinal);
        Assert.DoesNotContain("/console/data/ingest", data, StringComparison.Ordinal);
        File.Copy(Path.Combine(TinySite.Folder, "paths.csv"), Path.Combine(view, "paths.csv"), overwrite: true);
        await ReloadAsync(node, sam);
        Assert.Contains("/console/data/ingest", await GetAsync(node, "/console/data", sam), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_waits_for_those_stewards_alone_who_have_not_approved_it_and_is_found_when_it_is_decided()
    {
        await using var node = await ServingNode.StartAsync(options => RegisteredKeys.AskForKeys(options) with { Disclosure = OpenPolicy.Options with { Review = new ReviewOptions { Projects = ["*"], Approvals = 2 } } });
        var (first, second) = (await node.RegisterAsync("first", Roles.Steward), await node.RegisterAsync("second", Roles.Steward));
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"));
        await DecideAsync(node, job.Id, first);
        const string Waiting = "<span class=\"count\">1<span class=\"vh\"> waiting</span>";
        var (done, open) = (await GetAsync(node, "/console", first), await GetAsync(node, "/console", second));
        Assert.DoesNotContain(Waiting, done, StringComparison.Ordinal);
        Assert.DoesNotContain("held for review", done, StringComparison.Ordinal);
        Assert.Contains(Waiting, open, StringComparison.Ordinal);
        Assert.Contains("1 release is held for review", open, StringComparison.Ordinal);
        Assert.Contains(job.Id.ToString(), await GetAsync(node, "/console/reviews", first), StringComparison.Ordinal);
        await DecideAsync(node, job.Id, second);
        Assert.DoesNotContain(job.Id.ToString(), await GetAsync(node, "/console/reviews", first), StringComparison.Ordinal);
        Assert.Matches($"{job.Id}.*>approve<.*Done", await GetAsync(node, "/console/reviews?list=decided", first));
    }

    [Fact]
    public async Task The_page_says_when_the_audit_is_not_signed_any_more_and_what_the_last_verification_found()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var (sam, olga) = (await node.RegisterAsync("sam", Roles.Steward), await node.RegisterAsync("olga", Roles.Operator));
        await VerifyAsync(node, sam);
        Assert.Matches("Audit chain.*verified [^<]*: unbroken", await GetAsync(node, "/console", olga));

        await node.ChangeAsync(db => db.Database.ExecuteSqlRawAsync("""INSERT INTO "Audit" ("At", "Actor", "Action", "Detail") SELECT "At", 'nobody', "Action", "Detail" FROM "Audit" WHERE "Sequence" = 2""", Stop));
        await VerifyAsync(node, sam);
        var (steward, @operator) = (await GetAsync(node, "/console", sam), await GetAsync(node, "/console", olga));
        Assert.Contains("""<span class="b bad">Broken</span>""", steward, StringComparison.Ordinal);
        Assert.Matches("The audit chain is broken.*/console/ledger#audit\">Verify the chain", steward);
        Assert.Contains("lazaret audit verify</code> names the first bad entry", @operator, StringComparison.Ordinal);
        // Another process, and one that begins later, hear of it by the audit.
        await using var beside = await node.BesideAsync();
        Assert.Matches("The audit chain is broken", await GetAsync(beside, "/console", sam));

        // Entries are signed a minute after they were written at the latest.
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var board = ActivatorUtilities.CreateInstance<AuditBoard>(node.Services, time);
        await Wait.UntilAsync(async () => (await board.FindChainAsync(Stop)).Signed is not null, "the first signature");
        await node.Services.GetRequiredService<AuditLog>().WriteAsync(AuditAction.AuditRead, "somebody", new(), Stop);
        await Wait.UntilAsync(async () => (await board.FindChainAsync(Stop)).Unsigned > 0, "an entry that is not signed");
        Assert.False((await board.FindChainAsync(Stop)).IsOverdue);
        time.Advance(TimeSpan.FromMinutes(3));
        var chain = await board.FindChainAsync(Stop);
        Assert.Equal((true, true), (chain.IsOverdue, chain.UnsignedSince is not null));
    }

    [Fact]
    public async Task Filters_of_the_audit_find_what_lies_within_their_days_and_without_a_day_look_back_a_month()
    {
        await using var node = await ServingNode.StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        await node.ChangeAsync(async db =>
        {
            db.Audit.AddRange(Enumerable.Range(1, 120).Select(day => AuditEntry.Of(AuditAction.RequesterAdded, now.AddDays(day), "walker", new() { ["day"] = day })));
            await db.SaveChangesAsync(Stop);
        });
        Assert.Equal(50, Rows(await GetAsync(node, "/console/ledger?actor=walker", null)));
        var some = await GetAsync(node, $"/console/ledger?actor=walker&from={now.AddDays(40):yyyy-MM-dd}&to={now.AddDays(42):yyyy-MM-dd}", null);
        Assert.Equal(3, Rows(some));
        Assert.DoesNotContain(">Newest</a>", some, StringComparison.Ordinal);
        var board = node.Services.GetRequiredService<AuditBoard>();
        var (entries, _) = await board.ListAsync(AuditFilter.Read(Query("?actor=walker"), job: null, now.AddDays(100)), Requester.Local, Stop);
        Assert.Equal(50, entries.Count);
        (entries, _) = await board.ListAsync(AuditFilter.Read(Query("?actor=walker"), job: null, now.AddDays(140)), Requester.Local, Stop);
        Assert.Equal(11, entries.Count);
        var older = await GetAsync(node, $"/console/ledger?before={entries[^1].Sequence}", null);
        Assert.Contains(">Newest</a>", older, StringComparison.Ordinal);
        foreach (var strange in new[] { "from=0001-01-01", "to=0001-01-02", "from=9999-12-31", "to=9999-12-31", $"job={Guid.Empty}", "job=ffffffff-ffff-7fff-8fff-ffffffffffff" })
            await GetAsync(node, $"/console/ledger?actor=walker&{strange}", null);
        Assert.Contains("From: is after To", await GetAsync(node, "/console/ledger?from=2026-11-30&to=2026-11-01", null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DROP TRIGGER Audit_NoUPDATE; UPDATE Audit SET Action = 'Bogus' WHERE Sequence = 1")]
    [InlineData("DROP TRIGGER Audit_NoUPDATE; UPDATE Audit SET Detail = '[1,' WHERE Sequence = 1")]
    [InlineData("DROP TRIGGER Audit_NoUPDATE; UPDATE Audit SET Detail = '[]' WHERE Sequence = 1")]
    public async Task An_entry_that_somebody_changed_hides_no_other_and_not_that_the_chain_is_broken(string change)
    {
        await using var node = await ServingNode.StartAsync();
        await node.ChangeAsync(db => db.Database.ExecuteSqlRawAsync(change, Stop));
        await node.Services.GetRequiredService<AuditLog>().WriteAsync(AuditAction.RequesterAdded, "walker", [], Stop);
        var page = await GetAsync(node, "/console/ledger", null);
        Assert.Contains("<td>walker</td>", page, StringComparison.Ordinal);
        Assert.Equal(change.Contains("Action", StringComparison.Ordinal), page.Contains("cannot be read: somebody changed the database", StringComparison.Ordinal));
        using var verified = await node.Client.PostAsync(new Uri("/console/ledger/verify", UriKind.Relative), new FormUrlEncodedContent([]), Stop);
        Assert.Contains("Broken", await verified.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    private static PageQuery Query(string text) => new(new QueryCollection(QueryHelpers.ParseQuery(text)));

    private static int Rows(string page) => page.Split("<details><summary>Detail<span").Length - 1;

    private static async Task VerifyAsync(ServingNode node, string key)
    {
        using var verified = await node.SendAsync(HttpMethod.Post, "/console/ledger/verify", key, new FormUrlEncodedContent([]));
        Assert.Equal(HttpStatusCode.OK, verified.StatusCode);
    }

    private static async Task DecideAsync(ServingNode node, Guid job, string key)
    {
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("decision", "approve"), KeyValuePair.Create("why", "As the protocol says.")]);
        using var decided = await node.SendAsync(HttpMethod.Post, $"/console/reviews/{job}", key, form);
        Assert.Equal(HttpStatusCode.SeeOther, decided.StatusCode);
    }

    private static async Task ReloadAsync(ServingNode node, string key)
    {
        using var reloaded = await node.SendAsync(HttpMethod.Post, "/console/data/reload", key, new FormUrlEncodedContent([]));
        Assert.Equal(HttpStatusCode.SeeOther, reloaded.StatusCode);
    }

    private static async Task<string> GetAsync(ServingNode node, string path, string? key)
    {
        using var answer = await node.SendAsync(HttpMethod.Get, path, key);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Stop)).ReplaceLineEndings(" ");
    }
}
