using Lazaret.Tests.Projects;
using Lazaret.Node;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Projects;
using Lazaret.Tests.Servers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Conformance;

public sealed class ProjectQuotaSqliteTests() : ProjectQuotaConformance(DatabaseUnderTest.SqliteAsync);

public sealed class ProjectQuotaPostgresTests() : ProjectQuotaConformance(DatabaseUnderTest.PostgresAsync);

/// <summary>What a project's quota admits, on each database.</summary>
public abstract class ProjectQuotaConformance(Func<NodeOptions?, Task<TestNode>> start)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_requests_at_once_in_several_processes_are_admitted_up_to_the_quota_and_not_one_more()
    {
        await using var node = await start(null);
        await node.Get<ProjectDirectory>().AddAsync(new Approval("a", "A study") { Quota = 10 }, [], AuditEntry.Operator, Stop);
        await node.Get<ProjectDirectory>().AddAsync(new Approval("b", "Another") { Quota = 7 }, [], AuditEntry.Operator, Stop);
        await node.Get<ProjectDirectory>().AddAsync(new Approval("c", "Without a quota"), [], AuditEntry.Operator, Stop);
        await using var second = node.Beside(node.Options);
        await using var third = node.Beside(node.Options);
        IServiceProvider[] processes = [node.Services, second, third];

        string?[] projects = ["a", "b", "c", null];
        var answers = await Task.WhenAll(Enumerable.Range(0, 240).Select(i => Task.Run(
            async () => (Project: projects[i % 4], Answer: await AdmitAsync(processes[i / 4 % 3], projects[i % 4], node.Time.GetUtcNow())), Stop)));

        var admitted = answers.Where(one => one.Answer is Admission.Accepted).CountBy(one => one.Project ?? "none").ToDictionary();
        Assert.Equal((10, 7, 60, 60), (admitted["a"], admitted["b"], admitted["c"], admitted["none"]));
        Assert.All(answers.Where(one => one.Answer is not Admission.Accepted), one => Assert.Equal(TimeSpan.FromDays(7), Assert.IsType<Admission.QuotaSpent>(one.Answer).After));
        await using var db = node.Open();
        Assert.Equal((10, 7), (await db.Jobs.CountAsync(job => job.Project == "a", Stop), await db.Jobs.CountAsync(job => job.Project == "b", Stop)));
        Assert.Equal(137, await db.Audit.CountAsync(entry => entry.Action == AuditAction.JobAdmitted, Stop));
        Assert.Equal(137, await db.Payloads.CountAsync(Stop));
    }

    [Fact]
    public async Task A_job_of_the_quota_comes_back_when_it_is_a_week_old_and_not_when_it_is_cancelled()
    {
        await using var node = await start(null);
        await node.Get<ProjectDirectory>().AddAsync(new Approval("a", "A study") { Quota = 2 }, [], AuditEntry.Operator, Stop);
        var first = Assert.IsType<Admission.Accepted>(await AdmitAsync(node.Services, "a", node.Time.GetUtcNow()));
        node.Time.Advance(TimeSpan.FromDays(2));
        Assert.IsType<Admission.Accepted>(await AdmitAsync(node.Services, "a", node.Time.GetUtcNow()));
        Assert.NotNull(await node.Get<JobQueue>().CancelAsync(first.Job.Id, JobKind.Cohort, "somebody", Stop));

        var spent = Assert.IsType<Admission.QuotaSpent>(await AdmitAsync(node.Services, "a", node.Time.GetUtcNow()));
        Assert.Equal(("a", 2, TimeSpan.FromDays(5)), (spent.Project, spent.Quota, spent.After));
        node.Time.Advance(spent.After);
        Assert.IsType<Admission.Accepted>(await AdmitAsync(node.Services, "a", node.Time.GetUtcNow()));
        Assert.Equal(TimeSpan.FromDays(2), Assert.IsType<Admission.QuotaSpent>(await AdmitAsync(node.Services, "a", node.Time.GetUtcNow())).After);
    }

    [Fact]
    public async Task A_request_sent_many_times_at_once_under_one_key_costs_one_job()
    {
        await using var node = await start(null);
        await node.Get<ProjectDirectory>().AddAsync(new Approval("a", "A study") { Quota = 1 }, [], AuditEntry.Operator, Stop);
        await using var second = node.Beside(node.Options);
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(
            () => AdmitAsync(i % 2 == 0 ? node.Services : second, "a", node.Time.GetUtcNow(), "key"), Stop)));
        Assert.Single(answers.Select(answer => Assert.IsType<Admission.Accepted>(answer).Job.Id).ToHashSet());
    }

    [Fact]
    public async Task Members_that_two_commands_add_at_once_are_all_added()
    {
        await using var node = await start(ApprovedProjects.KnowIssuer(new NodeOptions()));
        await node.Get<ProjectDirectory>().AddAsync(new Approval("a", "A study"), [], AuditEntry.Operator, Stop);
        await using var second = node.Beside(node.Options);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(
            () => (i % 2 == 0 ? node.Services : second).GetRequiredService<ProjectDirectory>().ChangeMembersAsync("a", [$"iss/{i}"], [], AuditEntry.Operator, Stop), Stop)));
        Assert.Equal(10, (await node.Get<ProjectDirectory>().FindAsync("a", Stop))!.Members.Count);
    }

    private static Task<Admission> AdmitAsync(IServiceProvider process, string? project, DateTimeOffset now, string? key = null) => process.GetRequiredService<JobAdmission>().AdmitAsync(
        Job.Admit(JobKind.Cohort, "somebody", "{}", "digest", key, now, project: project), [1, 2, 3], [], Stop);
}
