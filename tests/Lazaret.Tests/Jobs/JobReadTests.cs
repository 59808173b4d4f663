using System.Net;
using Lazaret.Node.Audit;
using Lazaret.Node.Identity;
using Lazaret.Tests.Http;
using Lazaret.Tests.Identity;
using Lazaret.Tests.Identity.Tokens;

namespace Lazaret.Tests.Jobs;

public sealed class JobReadTests
{
    [Fact]
    public async Task Whoever_reads_another_s_job_is_in_the_audit_once_a_day()
    {
        await using var node = await ServingNode.StartAsync(RegisteredKeys.AskForKeys);
        var (mine, auditor, other) = (await node.RegisterAsync("mine", Roles.Requester), await node.RegisterAsync("auditor", Roles.Auditor), await node.RegisterAsync("other", Roles.Auditor));
        using var admitted = await node.AdmitMapAsync(mine);
        var job = admitted.Headers.Location!.ToString();
        foreach (var key in new[] { mine, auditor, auditor, other })
        {
            using var answer = await node.SendAsync(HttpMethod.Get, job, key);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        // What is not there, or of another kind, is not read.
        foreach (var none in new[] { $"/jobs/{Guid.NewGuid()}", $"/v1{job}", $"/fhir/GuidanceResponse/{job.Split('/')[^1]}" })
        {
            using var answer = await node.SendAsync(HttpMethod.Get, none, auditor);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        // Of its receipt, too, which says as much.
        var third = await node.RegisterAsync("third", Roles.Auditor);
        foreach (var key in new[] { mine, third, third })
            (await node.SendAsync(HttpMethod.Get, $"{job}/receipt", key)).Dispose();

        var reads = await node.AuditAsync(AuditAction.JobRead);
        Assert.Equal(["auditor", "other", "third"], reads.Select(entry => entry.Actor));
        Assert.All(reads, entry => Assert.EndsWith($"{entry.JobId}", job, StringComparison.Ordinal));
        Assert.All(reads, entry => Assert.Contains("\"requester\":\"mine\"", entry.Detail, StringComparison.Ordinal));
    }
}
