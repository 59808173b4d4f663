using Lazaret.Node.Audit;
using Lazaret.Node.Releases;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Lazaret.Tests.Cohorts;

public sealed class PolicyRecordTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_policy_is_in_the_audit_once_and_again_when_it_is_another()
    {
        await using var node = await TestNode.StartAsync();
        await using var stricter = node.Beside(node.Options with { Disclosure = new DisclosureOptions { MinimumCohort = 30 } });
        foreach (var process in new IServiceProvider[] { node.Services, node.Services, stricter, stricter, node.Services })
            await process.GetRequiredService<PolicyRecord>().KeepAsync(Stop);

        await using var db = node.Open();
        var kept = await db.Audit.Where(entry => entry.Action == AuditAction.PolicyChanged).OrderBy(entry => entry.Sequence).Select(entry => entry.Detail).ToListAsync(Stop);
        Assert.Equal(3, kept.Count);
        Assert.Contains("""
            "minimum_cohort":30,"noise"
            """.Trim(), kept[1], StringComparison.Ordinal);
        Assert.Equal(kept[0], kept[2]);
    }
}
