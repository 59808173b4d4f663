using System.Net;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Releases;
using Lazaret.Node.WebConsole.Data;
using Lazaret.Tests.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.WebConsole;

/// <summary>A reading of the data comes to an end on its page, whatever becomes of the click and of the reading.</summary>
public sealed class DataWorkTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reading_goes_on_when_whoever_began_it_closes_the_page_at_once()
    {
        await using var node = await ServingNode.StartAsync();
        using var closed = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var work = node.Services.GetRequiredService<DataWork>();
        Task<HttpResponseMessage> click;
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(node.Options.State, "lazaret.db")};Pooling=False"))
        {
            // While somebody else writes, the audit's entry waits.
            await database.OpenAsync(Stop);
            await using var writing = database.BeginTransaction(deferred: false);
            click = node.Client.PostAsync(new Uri("/console/data/ingest", UriKind.Relative), new FormUrlEncodedContent([]), closed.Token);
            await Wait.UntilAsync(() => Task.FromResult(work.Progress > 0), "the click");
            await closed.CancelAsync();
            await ((Task)click).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            Assert.True(click.IsCanceled);
        }

        await UntilAsync(node, "Ingest ended");
    }

    [Fact]
    public async Task A_reading_that_fails_in_an_unforeseen_way_says_so_and_another_may_begin()
    {
        await using var node = await ServingNode.StartAsync();
        node.Services.GetRequiredService<SiteStore>().Dispose();
        await BeginAsync(node, "ingest");
        await UntilAsync(node, "Ingest failed");
        await BeginAsync(node, "check");
        await UntilAsync(node, "Check ended");
    }

    [Fact]
    public async Task An_ingest_that_finds_nothing_changed_says_so_and_shows_no_empty_meter()
    {
        await using var node = await ServingNode.StartAsync();
        await BeginAsync(node, "ingest");
        await UntilAsync(node, "Ingest ended");
        await BeginAsync(node, "ingest");
        await UntilAsync(node, "No volume has changed since it was read");
        Assert.DoesNotContain("<strong>0 of", await node.Client.GetStringAsync(new Uri("/console/data", UriKind.Relative), Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_check_found_stays_on_the_page_when_the_volumes_are_ingested()
    {
        await using var node = await ServingNode.StartAsync(options => options with { Disclosure = new DisclosureOptions { MinimumCohort = 7 } });
        await BeginAsync(node, "check");
        await UntilAsync(node, "What the check found");
        // By the policy of this node.
        await UntilAsync(node, "refused about the other while the minimum cohort is 7;");
        await BeginAsync(node, "ingest");
        await UntilAsync(node, "Ingest ended");
        await UntilAsync(node, "What the check found");
    }

    private static async Task BeginAsync(ServingNode node, string what)
    {
        using var begun = await node.Client.PostAsync(new Uri($"/console/data/{what}", UriKind.Relative), new FormUrlEncodedContent([]), Stop);
        Assert.Equal(HttpStatusCode.SeeOther, begun.StatusCode);
    }

    private static Task UntilAsync(ServingNode node, string words) =>
        Wait.UntilAsync(async () => (await node.Client.GetStringAsync(new Uri("/console/data", UriKind.Relative), Stop)).Contains(words, StringComparison.Ordinal), words);
}
