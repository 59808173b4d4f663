using Lazaret.Cohort.Store;
using Lazaret.Node.Backups;
using Lazaret.Node.Cohorts.Budgets;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Health;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.Storage;
using Lazaret.Node.WebConsole.Data;
using Lazaret.Node.WebConsole.Frame;
using Lazaret.Node.WebConsole.Jobs;
using Lazaret.Node.WebConsole.Ledger;
using Lazaret.Node.WebConsole.Parts;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.WebConsole.Home;

/// <summary>What waits for a reader, and how the node is.</summary>
internal sealed class HomeDesk(
    IDbContextFactory<LazaretDb> databases, ReviewDesk reviews, JobBoard jobs, BudgetDesk budgets, AuditBoard audit, VolumeBoard volumes, CohortSite site, NodeRoleHere here, TimeProvider time)
{
    private const int MostOfAKind = 3;
    private const double NearlySpent = 0.95;

    private static readonly TimeSpan Lately = TimeSpan.FromDays(1);
    private static readonly TimeSpan OldBackup = TimeSpan.FromDays(7);

    /// <summary>What waits, first what others wait for.</summary>
    /// <param name="readiness">How the node is, as the reader may know it; null where they may not.</param>
    public async Task<IReadOnlyList<Todo>> ListAsync(Requester reader, Readiness? readiness, CancellationToken cancellationToken)
    {
        var (list, now) = (new List<Todo>(), time.GetUtcNow());
        if (reader.Roles.HasFlag(Roles.Steward) && await reviews.ListAsync(reader.Name, cancellationToken) is [var oldest, ..] held)
        {
            list.Add(new(
                held.Count == 1 ? "1 release is held for review" : $"{held.Count} releases are held for review",
                $"The oldest waits since {Words.Clock(oldest.Review.At)} ({Words.Waited(now - oldest.Review.At)}).", Chapter.Reviews.Path, "Open the queue", IsUrgent: true));
        }

        if (reader.Roles.HasFlag(Roles.Requester))
            list.AddRange((await ListAskedAsync(reader.Name, now, cancellationToken)).Select(id => new Todo("A steward asks you something", $"Job {Words.Short(id)} is held until they decide.", PathOf(id), "Read the question", IsUrgent: true)));
        list.AddRange((readiness?.NotReady ?? new Dictionary<string, string>()).Select(fault => new Todo($"{Words.Sentence(fault.Key.Replace('_', ' '))} needs a look", fault.Value, WhereOf(fault.Key).Path, WhereOf(fault.Key).Step)));
        if ((reader.Roles & (Roles.Steward | Roles.Operator)) != Roles.None && site.Read(out _) is { } data && volumes.Read(data) is { } known)
        {
            if (known.Count(VolumeState.Unusable) is > 0 and var unusable)
                list.Add(new(unusable == 1 ? "1 volume cannot be used" : $"{Words.Count(unusable)} volumes cannot be used", "These people are missing from every question.", $"{Chapter.Data.Path}#volumes", "See which, and why"));
            if (known.Changed is > 0 and var changed)
                list.Add(new(changed == 1 ? "1 volume changed" : $"{Words.Count(changed)} volumes changed", "They are read before the next question that needs them; ingesting does it now.", $"{Chapter.Data.Path}#volumes", "See the volumes"));
        }

        if (reader.Roles.HasFlag(Roles.Steward))
        {
            list.AddRange((await budgets.ListAsync(cancellationToken)).Select(stand => new LedgerRow(stand)).Where(row => row.Spent >= NearlySpent).Take(MostOfAKind)
                .Select(row => new Todo($"The ledger of {row.Name} is {(row.Spent >= 1 ? "spent" : "nearly spent")}", $"{Words.Percent(row.Spent, 1)} of the nearest limit, by {row.Stand.Releases} answers.", Chapter.Ledger.Path, "See the ledger")));
        }

        list.AddRange((await jobs.ListEndedAsync(JobState.Failed, now - Lately, reader, MostOfAKind, cancellationToken)).Select(job => new Todo("A job failed", $"Job {Words.Short(job.Id)}: {job.Error}", PathOf(job.Id), "See why")));
        return list;
    }

    /// <summary>What is no part of whether the node can work now: backups, the audit's chain, the store.</summary>
    public async Task<IReadOnlyList<NodePart>> ListPartsAsync(CancellationToken cancellationToken)
    {
        var (parts, now) = (new List<NodePart>(), time.GetUtcNow());
        // A process that only admits may be on a machine without the store.
        if (here.Role != NodeRole.Api && site.Read(out _) is { } data)
        {
            parts.Add(volumes.Read(data) is not { } known ? new("Cohort store", "hold", "Look", "not built yet: ingesting does it") : new(
                "Cohort store", known.Changed > 0 ? "hold" : "ok", known.Changed > 0 ? "Look" : "Works",
                $"{Words.Count(known.Count(VolumeState.Read))} of {Words.Count(data.View.Rows.Count)} volumes"));
        }

        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            parts.Add(await LastBackup.ReadAsync(db, cancellationToken) is { } at
                ? new("Backup", now - at > OldBackup ? "hold" : "ok", now - at > OldBackup ? "Look" : "Works", $"{Words.Waited(now - at)} old")
                : new("Backup", "hold", "Look", "there is none yet: lazaret backup FILE makes one"));
        }

        parts.Add(await audit.FindCheckpointAsync(cancellationToken) is { } signed
            ? new("Audit chain", "ok", "Signed", $"to link {Words.Count(signed.Number)}, {Words.Time(DateTimeOffset.FromUnixTimeMilliseconds(signed.Milliseconds))}")
            : new("Audit chain", "wait", "Begins", "not signed yet"));
        return parts;
    }

    /// <summary>The reader's held jobs about which a steward asked something.</summary>
    private async Task<List<Guid>> ListAskedAsync(string requester, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Jobs.AsNoTracking()
            .Where(job => job.State == JobState.Held && job.Requester == requester && (job.PublishedAt == null || job.PublishedAt <= now) && db.Set<ReviewVote>().Any(vote => vote.JobId == job.Id && vote.Verdict == ReviewVerdict.Ask))
            .OrderByDescending(job => job.Id).Select(job => job.Id).Take(MostOfAKind).ToListAsync(cancellationToken);
    }

    private static string PathOf(Guid job) => $"{Chapter.Jobs.Path}/{job}";

    private static (string Path, string Step) WhereOf(string check) => check switch
    {
        ReadinessChecks.Data => (Chapter.Data.Path, "See the data"),
        ReadinessChecks.Images => (Chapter.Registry.Path, "See the programs"),
        _ => ($"{Chapter.Home.Path}#node", "See the node"),
    };
}
