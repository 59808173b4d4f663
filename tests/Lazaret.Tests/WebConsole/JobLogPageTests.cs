using System.Net;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.People;
using Lazaret.Tests.Releases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static Lazaret.Tests.WebConsole.ConsoleTests;

namespace Lazaret.Tests.WebConsole;

/// <summary>What a program printed, on a page.</summary>
public sealed class JobLogPageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_operator_reads_it_as_text_from_the_page_of_the_job_that_failed_and_the_audit_says_so()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var (olga, sam, asker) = (await node.RegisterAsync("olga", Roles.Operator), await node.RegisterAsync("sam", Roles.Steward), await node.RegisterAsync("asker", Roles.Requester));
        var job = await DecidedJobs.AdmitAsync(node.Services, "asker", "q");
        var claimed = (await node.Services.GetRequiredService<JobQueue>().ClaimAsync("process", Unrunnable.None, job.Id, Stop))!;
        const string Printed = "no module <b>numpy</b>\u001b[31m\nname\u202egnp";
        await node.Services.GetRequiredService<JobQueue>().ConcludeAsync(claimed, new RunReport.Failed(RunEnd.Exited, "the program ended with exit code 1") { Log = Printed }, Stop);

        var path = $"/console/jobs/{job.Id}/log";
        Assert.Contains($"href=\"{path}\"", (await GetAsync(node, "/console/jobs/" + job.Id, olga)).Page, StringComparison.Ordinal);
        Assert.DoesNotContain(await node.AuditAsync(), IsLogRead);
        var (status, page) = await GetAsync(node, path, olga);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains(@"no module &lt;b&gt;numpy&lt;/b&gt;\u{001B}[31m", page, StringComparison.Ordinal);
        Assert.Contains(@"name\u{202E}gnp", page, StringComparison.Ordinal);
        Assert.Equal("olga", Assert.Single(await node.AuditAsync(), IsLogRead).Actor);
        foreach (var other in new[] { sam, asker })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync(node, path, other)).Status);
            Assert.DoesNotContain("/log", (await GetAsync(node, "/console/jobs/" + job.Id, other)).Page, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(node, $"/console/jobs/{Guid.Empty}/log", olga)).Status);
    }

    [Fact]
    public async Task Where_nothing_is_kept_the_page_of_the_job_says_so_and_leads_nowhere()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var olga = await node.RegisterAsync("olga", Roles.Operator);
        var job = await DecidedJobs.AdmitAsync(node.Services, "asker", "q");
        var claimed = (await node.Services.GetRequiredService<JobQueue>().ClaimAsync("process", Unrunnable.None, job.Id, Stop))!;
        await AssertAsync("What the program prints can be read when its run has ended.");
        await node.Services.GetRequiredService<JobQueue>().ConcludeAsync(claimed, new RunReport.Failed(RunEnd.Exited, "the program ended with exit code 1"), Stop);
        await AssertAsync("The program printed nothing.");
        await using (var db = await node.Services.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContextAsync(Stop))
            await db.Jobs.ExecuteUpdateAsync(set => set.SetProperty(row => row.UpdatedAt, TimeProvider.System.GetUtcNow().AddDays(-8)), Stop);
        await AssertAsync("What the program printed is not kept any more.");

        async Task AssertAsync(string words)
        {
            var page = (await GetAsync(node, $"/console/jobs/{job.Id}", olga)).Page;
            Assert.Contains(words, page, StringComparison.Ordinal);
            Assert.DoesNotContain("/log\"", page, StringComparison.Ordinal);
            Assert.Contains(words, (await GetAsync(node, $"/console/jobs/{job.Id}/log", olga)).Page, StringComparison.Ordinal);
        }
    }

    private static bool IsLogRead(AuditEntry entry) => entry.Action == AuditAction.JobRead && entry.Detail.Contains("\"what\":\"log\"", StringComparison.Ordinal);
}
