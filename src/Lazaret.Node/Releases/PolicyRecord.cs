using Lazaret.Node.Audit;
using Lazaret.Node.Projects;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Releases;

/// <summary>Writes the disclosure policy into the audit when it is another than the last one there: it stands in a configuration, which has no history of its own.</summary>
internal sealed class PolicyRecord(IDbContextFactory<LazaretDb> databases, DisclosureOptions disclosure, ProjectOptions projects, TimeProvider time)
{
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        var entry = AuditEntry.Of(AuditAction.PolicyChanged, time.GetUtcNow(), AuditEntry.Node, new()
        {
            ["profile"] = disclosure.Profile,
            ["minimum_cohort"] = disclosure.MinimumCohort,
            ["queries_per_week"] = disclosure.QueriesPerWeek,
            ["ledger"] = disclosure.Ledger,
            ["site_limit"] = disclosure.SiteLimit,
            ["when_spent"] = disclosure.WhenSpent,
            ["off"] = DisclosureNote.Of(disclosure).Off,
            ["limits"] = new[] { disclosure.LeverageLimit, disclosure.PairLimit, disclosure.DiscreteLeverageLimit, disclosure.BitsShare, disclosure.DiscreteBitsShare },
            ["noise"] = new[] { disclosure.Noise, disclosure.DiscreteNoise },
            ["decimals"] = disclosure.Decimals,
            ["permutations"] = disclosure.Permutations,
            ["surrogates"] = disclosure.Surrogates,
            ["tick_ms"] = disclosure.TickMilliseconds,
            ["review"] = disclosure.Review,
            ["projects_required"] = projects.Required,
        });
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var last = await db.Audit.AsNoTracking().Where(e => e.Action == AuditAction.PolicyChanged).OrderByDescending(e => e.Sequence).Select(e => e.Detail).FirstOrDefaultAsync(cancellationToken);
        if (last == entry.Detail)
            return;
        db.Audit.Add(entry);
        await db.SaveChangesAsync(cancellationToken);
    }
}
