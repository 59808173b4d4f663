using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Retention;
using Lazaret.Node.Storage;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Tests.Retention;

public sealed class PurgeSqliteTests() : PurgeTests(DatabaseUnderTest.SqliteAsync)
{
    [Fact]
    public async Task What_was_deleted_is_nowhere_in_the_database_s_files()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync(new NodeOptions { Retention = new RetentionOptions { InputDays = 0 } });
        var job = await FinishAsync(node);
        byte[] content;
        await using (var db = node.Open())
            content = (await db.Payloads.AsNoTracking().SingleAsync(payload => payload.JobId == job && payload.Name == PayloadName.Input, Stop)).Content;
        Assert.True(await LiesInFilesAsync(node, content));
        Assert.Equal(1, await PurgeAsync(node));
        Assert.False(await LiesInFilesAsync(node, content));
    }

    [Fact]
    public async Task What_was_deleted_is_given_back_to_the_disk_and_an_older_file_is_converted()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync(null);
        var disk = node.Get<DiskReturn>();
        var empty = await disk.SizeAsync(Stop);
        await FillAsync(node);
        Assert.True(await disk.SizeAsync(Stop) > empty + (8 << 20));
        Assert.Equal(1, await PurgeAsync(node));
        Assert.True(await disk.SizeAsync(Stop) < empty + (3 << 20), $"{empty}, now {await disk.SizeAsync(Stop)}");

        // As versions before made it: nothing shrinks, until it is compacted.
        await using (var db = node.Open())
        {
            await db.Database.OpenConnectionAsync(Stop);
            await db.Database.ExecuteSqlRawAsync("PRAGMA auto_vacuum = 0", Stop);
            await db.Database.ExecuteSqlRawAsync("VACUUM", Stop);
        }

        await FillAsync(node);
        Assert.Equal(1, await PurgeAsync(node));
        Assert.True(await disk.SizeAsync(Stop) > empty + (8 << 20));
        await disk.CompactAsync(Stop);
        Assert.True(await disk.SizeAsync(Stop) < empty + (3 << 20));
        await FillAsync(node);
        Assert.Equal(1, await PurgeAsync(node));
        Assert.True(await disk.SizeAsync(Stop) < empty + (3 << 20));
        Assert.Empty(await node.Get<SchemaCheck>().FaultsAsync(Stop));
    }

    [Fact]
    public async Task The_log_ahead_of_the_file_is_bounded_once_its_readers_have_ended()
    {
        await using var node = await DatabaseUnderTest.SqliteAsync(null);
        var (disk, log) = (node.Get<DiskReturn>(), new FileInfo($"{node.Get<StateFolder>().Database}-wal"));
        await using (var db = node.Open())
        await using (var reading = db.Jobs.AsAsyncEnumerable().GetAsyncEnumerator(Stop))
        {
            // A reader stands at the database of before, so that nothing after it can be written back.
            await FinishAsync(node);
            await using var jobs = node.Open();
            await using var reader = jobs.Audit.AsNoTracking().AsAsyncEnumerable().GetAsyncEnumerator(Stop);
            Assert.True(await reader.MoveNextAsync());
            for (var i = 0; i < 5; i++)
                await FillAsync(node);
            await disk.BoundLogAsync(Stop);
            log.Refresh();
            Assert.True(log.Length > 32 << 20);
        }

        await disk.BoundLogAsync(Stop);
        log.Refresh();
        Assert.Equal(0, log.Exists ? log.Length : 0);
    }

    [Fact]
    public async Task A_round_reads_no_more_where_more_has_expired()
    {
        Assert.InRange(await FirstRoundAsync(2000), 100, 2 * await FirstRoundAsync(200));

        static async Task<int> FirstRoundAsync(int jobs)
        {
            using var steps = new SqliteSteps();
            await using var node = await DatabaseUnderTest.SqliteAsync(null);
            await AddCancelledAsync(node, jobs);
            node.Time.Advance(TimeSpan.FromDays(1));
            steps.Watch(node.Get<StateFolder>().Database);
            Assert.Equal(jobs, await PurgeAsync(node));
            return steps.Found.First(found => found.Command.StartsWith("DELETE", StringComparison.Ordinal)).Steps;
        }
    }

    // A job that is over, with an input of 10 MiB that has expired.
    private static async Task FillAsync(TestNode node)
    {
        var job = Job.Admit(JobKind.Cohort, "local", "{}", "", idempotencyKey: null, node.Time.GetUtcNow());
        await node.Get<JobQueue>().AdmitAsync(job, new byte[10 << 20], AuditEntry.Of(AuditAction.JobAdmitted, job.CreatedAt, job));
        await node.Get<JobQueue>().CancelAsync(job.Id, JobKind.Cohort, "local", Stop);
        node.Time.Advance(TimeSpan.FromDays(2));
    }

    private static async Task<bool> LiesInFilesAsync(TestNode node, byte[] content)
    {
        foreach (var file in Directory.EnumerateFiles(node.Options.State, "lazaret.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, Stop);
            if (bytes.ToArray().AsSpan().IndexOf(content.AsSpan(content.Length - 24)) >= 0)
                return true;
        }

        return false;
    }
}

public sealed class PurgePostgresTests() : PurgeTests(DatabaseUnderTest.PostgresAsync)
{
    /// <summary>A machine whose battery is dead may start with any time.</summary>
    [Fact]
    public async Task A_clock_that_is_ahead_of_the_servers_deletes_nothing()
    {
        await using var node = await DatabaseUnderTest.PostgresAsync();
        node.Time.SetUtcNow(TimeProvider.System.GetUtcNow());
        var job = await FinishAsync(node);
        node.Time.Advance(TimeSpan.FromDays(365));
        Assert.All(await node.Get<Purge>().FindAsync(Stop), kind => Assert.Equal(0, kind.Records));
        Assert.Equal(0, await PurgeAsync(node));
        await AssertKeptAsync(node, job, PayloadName.Input, PayloadName.Result, PayloadName.Log);
    }
}

/// <summary>What expiry promises, on each database.</summary>
public abstract class PurgeTests(Func<NodeOptions?, Task<TestNode>> start)
{
    private static readonly byte[] Map = "a map"u8.ToArray();

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_kind_goes_when_its_time_is_over_and_no_sooner()
    {
        await using var node = await start(null);
        var job = await FinishAsync(node);
        await AssertKeptAsync(node, job, PayloadName.Input, PayloadName.Result, PayloadName.Log);
        node.Time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await PurgeAsync(node));
        node.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await PurgeAsync(node));
        await AssertKeptAsync(node, job, PayloadName.Result, PayloadName.Log);
        node.Time.Advance(TimeSpan.FromDays(6));
        Assert.Equal(1, await PurgeAsync(node));
        await AssertKeptAsync(node, job, PayloadName.Result);
        node.Time.Advance(TimeSpan.FromDays(23));
        Assert.Equal(1, await PurgeAsync(node));
        await AssertKeptAsync(node, job);
    }

    [Fact]
    public async Task A_job_that_is_not_over_keeps_its_input_however_old_it_is()
    {
        await using var node = await start(null);
        var waiting = await AdmitAsync(node);
        node.Time.Advance(TimeSpan.FromDays(1000));
        Assert.Equal(0, await PurgeAsync(node));
        await AssertKeptAsync(node, waiting, PayloadName.Input);
    }

    [Fact]
    public async Task A_result_that_has_expired_says_so_and_one_that_never_was_does_not()
    {
        await using var node = await start(null);
        var job = await FinishAsync(node);
        var results = node.Get<JobResults>();
        Assert.Equal("released"u8.ToArray(), (await results.FindAsync(job, JobKind.Cohort, "local", Stop))!.Result);
        node.Time.Advance(TimeSpan.FromDays(30));
        await PurgeAsync(node);
        var expired = (await results.FindAsync(job, JobKind.Cohort, "local", Stop))!;
        Assert.True(expired.HasExpired);
        Assert.Equal("the result has expired", expired.Why);

        var waiting = await AdmitAsync(node);
        Assert.False((await results.FindAsync(waiting, JobKind.Cohort, "local", Stop))!.HasExpired);
    }

    [Fact]
    public async Task What_would_be_deleted_is_counted_and_what_was_deleted_is_audited()
    {
        await using var node = await start(new NodeOptions { Retention = new RetentionOptions { InputDays = 0, LogDays = 0 } });
        var jobs = new List<Guid> { await FinishAsync(node), await FinishAsync(node) };
        var found = await node.Get<Purge>().FindAsync(Stop);
        Assert.Equal([(PayloadName.Input, 2), (PayloadName.Basis, 0), (PayloadName.Result, 0), (PayloadName.Log, 2)], found.Select(kind => (kind.Name, kind.Records)));
        Assert.True(found[0].Bytes > 2 * Map.Length);

        Assert.Equal(4, await node.Get<Purge>().RunAsync(AuditEntry.Operator, Stop));
        Assert.Equal(0, await PurgeAsync(node));
        await using var db = node.Open();
        var entries = await db.Audit.Where(entry => entry.Action == AuditAction.PayloadsExpired).OrderBy(entry => entry.Sequence).ToListAsync(Stop);
        // One a job, whatever was deleted of it.
        Assert.Equal(jobs.Order(), entries.Select(entry => entry.JobId!.Value).Order());
        Assert.All(entries, entry => Assert.Equal((AuditEntry.Operator, """{"kind":"cohort","records":{"input":1,"log":1}}"""), (entry.Actor, entry.Detail)));
    }

    [Fact]
    public async Task The_entry_of_what_expired_names_the_project()
    {
        await using var node = await start(null);
        var job = Job.Admit(JobKind.Cohort, "local", "{}", "", idempotencyKey: null, node.Time.GetUtcNow(), project: "study");
        await node.Get<JobQueue>().AdmitAsync(job, Map, AuditEntry.Of(AuditAction.JobAdmitted, job.CreatedAt, job));
        await node.Get<JobQueue>().CancelAsync(job.Id, JobKind.Cohort, "local", Stop);
        node.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, await PurgeAsync(node));
        await using var db = node.Open();
        Assert.Equal("""{"kind":"cohort","project":"study","records":{"input":1}}""", await db.Audit.Where(entry => entry.Action == AuditAction.PayloadsExpired).Select(entry => entry.Detail).SingleAsync(Stop));
    }

    [Fact]
    public async Task Jobs_of_several_rounds_are_all_purged_once_and_two_purges_share_them()
    {
        await using var node = await start(null);
        await AddCancelledAsync(node, 120);
        node.Time.Advance(TimeSpan.FromDays(1));
        var deleted = await Task.WhenAll(PurgeAsync(node), PurgeAsync(node));
        Assert.Equal(120, deleted.Sum());
        await using (var db = node.Open())
        {
            Assert.Equal(120, await db.Audit.CountAsync(entry => entry.Action == AuditAction.PayloadsExpired, Stop));
            Assert.Equal(120, await db.Payloads.CountAsync(Stop));
        }

        node.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(120, await PurgeAsync(node));
    }

    protected static async Task<int> PurgeAsync(TestNode node) => await node.Get<Purge>().RunAsync(AuditEntry.Node, Stop);

    private static async Task<Guid> AdmitAsync(TestNode node)
    {
        var job = Job.Admit(JobKind.Cohort, "local", "{}", "", idempotencyKey: null, node.Time.GetUtcNow());
        await node.Get<JobQueue>().AdmitAsync(job, Map, AuditEntry.Of(AuditAction.JobAdmitted, job.CreatedAt, job));
        return job.Id;
    }

    // With an input and a basis each, admitted a second apart.
    protected static async Task AddCancelledAsync(TestNode node, int jobs)
    {
        await using var db = node.Open();
        for (var i = 0; i < jobs; i++)
        {
            node.Time.Advance(TimeSpan.FromSeconds(1));
            var job = Job.Admit(JobKind.Diagnosis, "local", "{}", "", idempotencyKey: null, node.Time.GetUtcNow());
            job.Cancel(node.Time.GetUtcNow());
            db.Jobs.Add(job);
            db.Payloads.Add(Payload.Of(job.Id, PayloadName.Input, Map, node.Get<Lazaret.Node.Keys.RecordSeal>()));
            db.Payloads.Add(Payload.Of(job.Id, PayloadName.Basis, Map, node.Get<Lazaret.Node.Keys.RecordSeal>()));
        }

        await db.SaveChangesAsync(Stop);
    }

    protected static async Task<Guid> FinishAsync(TestNode node)
    {
        var id = await AdmitAsync(node);
        var claimed = (await node.Get<JobQueue>().ClaimAsync("process", Unrunnable.None, Stop))!;
        Assert.Equal(id, claimed.Job.Id);
        Assert.NotNull(await node.Get<JobQueue>().ConcludeAsync(claimed, new RunReport.Released("released"u8.ToArray(), []) { Log = "printed" }, Stop));
        return id;
    }

    protected static async Task AssertKeptAsync(TestNode node, Guid job, params PayloadName[] names)
    {
        await using var db = node.Open();
        Assert.Equal(names.Order(), (await db.Payloads.Where(payload => payload.JobId == job).Select(payload => payload.Name).ToListAsync(Stop)).Order());
    }
}
