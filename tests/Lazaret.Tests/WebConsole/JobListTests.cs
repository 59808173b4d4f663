using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Lazaret.Node.WebConsole.Jobs;
using Lazaret.Node.WebConsole.Parts;
using Lazaret.Tests.Http;
using Lazaret.Tests.Releases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.WebConsole;

/// <summary>Lists of jobs stay quick, however many there are, and tell nothing early.</summary>
public sealed class JobListTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_filter_reads_its_jobs_from_an_index_in_the_order_of_the_list()
    {
        await using var node = await ServingNode.StartAsync();
        var board = node.Services.GetRequiredService<JobBoard>();
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        await db.Database.OpenConnectionAsync(Stop);
        var requester = new Requester("ada", Roles.Requester);
        foreach (var reader in new[] { Requester.Local, requester })
        {
            JobFilter[] filters = [new(), new() { Kind = JobKind.Diagnosis }, new() { Requester = "ada" }, new() { Before = Guid.CreateVersion7() }, .. Enum.GetValues<JobState>().Select(state => new JobFilter { State = state })];
            foreach (var filter in filters)
            {
                await using var command = board.Find(db, filter, reader).Take(51).CreateDbCommand();
                command.CommandText = $"EXPLAIN QUERY PLAN {command.CommandText}";
                await using var plan = await command.ExecuteReaderAsync(Stop);
                var steps = new List<string>();
                while (await plan.ReadAsync(Stop))
                    steps.Add(plan.GetString(3));
                // What runs, and what is not shown yet, are few: they are merged and sorted.
                Assert.True(steps.TrueForAll(step => !step.StartsWith("SCAN", StringComparison.Ordinal) || step.Contains("INDEX", StringComparison.Ordinal) || filter.State == JobState.Running), $"{filter}: {string.Join("; ", steps)}");
                Assert.True(filter.State == JobState.Running || !steps.Exists(step => step.Contains("TEMP B-TREE", StringComparison.Ordinal)), $"{filter}: {string.Join("; ", steps)}");
            }
        }
    }

    [Fact]
    public async Task A_first_day_before_all_jobs_leaves_none_out()
    {
        await using var node = await ServingNode.StartAsync();
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"), "ada");
        await using var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop);
        foreach (var day in new[] { DateOnly.MinValue, new DateOnly(1969, 12, 31), new DateOnly(2020, 1, 1) })
            Assert.Equal([job.Id], await node.Services.GetRequiredService<JobBoard>().Find(db, new JobFilter { From = day }, Requester.Local).Select(found => found.Id).ToListAsync(Stop));
        Assert.Empty(await node.Services.GetRequiredService<JobBoard>().Find(db, new JobFilter { From = DateOnly.MaxValue }, Requester.Local).ToListAsync(Stop));
    }

    [Fact]
    public async Task An_own_job_that_is_not_shown_yet_is_in_the_list_of_what_runs_and_in_no_other()
    {
        await using var node = await ServingNode.StartAsync();
        var board = node.Services.GetRequiredService<JobBoard>();
        var job = await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a"), "ada");
        await using (var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop))
            await db.Jobs.ExecuteUpdateAsync(set => set.SetProperty(row => row.PublishedAt, DateTimeOffset.MaxValue.AddDays(-1)), Stop);
        var (ada, auditor) = (new Requester("ada", Roles.Requester), new Requester("eve", Roles.Auditor));
        Assert.Equal([job.Id], await IdsAsync(board, JobState.Running, ada));
        Assert.Empty(await IdsAsync(board, JobState.Done, ada));
        Assert.Empty(await IdsAsync(board, JobState.Running, auditor));
        Assert.Equal([job.Id], await IdsAsync(board, JobState.Done, auditor));
        Assert.Equal([(job.Id, JobState.Running)], (await board.ListOpenAsync(ada, 8, Stop)).Select(listed => (listed.Job.Id, listed.State)));
        Assert.Empty(await board.ListOpenAsync(auditor, 8, Stop));
    }

    [Fact]
    public async Task A_job_is_found_by_the_eight_digits_that_lists_show()
    {
        await using var node = await ServingNode.StartAsync();
        var (first, second) = (await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("a")), await DecidedJobs.RunAsync(node.Services, DecidedJobs.Ask("b")));
        foreach (var digits in new[] { Words.Short(first.Id), Words.Short(first.Id).ToUpperInvariant() })
        {
            var page = await node.Client.GetStringAsync(new Uri($"/console/jobs?job={digits}", UriKind.Relative), Stop);
            Assert.Contains($"/console/jobs/{first.Id}", page, StringComparison.Ordinal);
            Assert.DoesNotContain($"{second.Id}", page, StringComparison.Ordinal);
        }

        // What cannot be meant is told, and stays in the field.
        var wrong = await node.Client.GetStringAsync(new Uri("/console/jobs?job=1234567", UriKind.Relative), Stop);
        Assert.Contains("Job: the last 8 characters of its id are needed, or the whole id", wrong, StringComparison.Ordinal);
        Assert.Contains("name=\"job\" value=\"1234567\"", wrong, StringComparison.Ordinal);
        Assert.Contains("name=\"job\" value=\"1234567\"", await node.Client.GetStringAsync(new Uri("/console/ledger?job=1234567", UriKind.Relative), Stop), StringComparison.Ordinal);
        // A state has a name.
        foreach (var state in new[] { "6", "done,failed" })
            Assert.Contains("State: there is no such one", await node.Client.GetStringAsync(new Uri($"/console/jobs?state={state}", UriKind.Relative), Stop), StringComparison.Ordinal);

        // What is no filter is linked from the summary to its field, which keeps it.
        var unused = await node.Client.GetStringAsync(new Uri("/console/jobs?state=cooked&from=soon", UriKind.Relative), Stop);
        foreach (var part in new[] { "These filters were not used", "<a href=\"#f-state\">State: there", "<a href=\"#f-from\">From: a day", "<option value=\"cooked\" selected>", "type=\"text\" name=\"from\" value=\"soon\" aria-invalid=\"true\"" })
            Assert.Contains(part, unused, StringComparison.Ordinal);
        Assert.Contains("<a href=\"#a-from\">From: is after To", await node.Client.GetStringAsync(new Uri("/console/ledger?from=2026-11-30&to=2026-11-01", UriKind.Relative), Stop), StringComparison.Ordinal);

        Assert.Contains("No job", await node.Client.GetStringAsync(new Uri("/console/jobs?job=00000000", UriKind.Relative), Stop), StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<Guid>> IdsAsync(JobBoard board, JobState state, Requester reader) =>
        (await board.ListAsync(new JobFilter { State = state }, reader, Stop)).Jobs.Select(listed => listed.Job.Id);
}
