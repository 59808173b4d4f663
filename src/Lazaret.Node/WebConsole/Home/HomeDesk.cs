using Lazaret.Cohort.Store;
using Lazaret.Node.Cohorts.Budgets;
using Lazaret.Node.Cohorts.Views;
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

/// <summary>Finds what waits for a reader.</summary>
internal sealed class HomeDesk(
    IDbContextFactory<LazaretDb> databases, ReviewDesk reviews, JobBoard jobs, BudgetDesk budgets, VolumeBoard volumes, CohortSite site, TimeProvider time) : IDisposable
{
    private const int MostOfAKind = 3;
    private const double NearlySpent = 0.95;

    private static readonly TimeSpan OneDay = TimeSpan.FromDays(1);

    // Kept for a while, since it counts all answers.
    private readonly Lately<IReadOnlyList<LedgerRow>> _spent = new(
        TimeSpan.FromSeconds(30), time, async stop => [.. (await budgets.ListAsync(stop, isBrief: true)).Select(stand => new LedgerRow(stand)).Where(row => row.Spent >= NearlySpent).Take(MostOfAKind)]);

    /// <summary>What waits for the reader. What other people wait for comes first.</summary>
    /// <param name="ofTheNode">The parts of the node that need the reader.</param>
    public async Task<IReadOnlyList<Todo>> ListAsync(Requester reader, IReadOnlyList<Todo> ofTheNode, CancellationToken cancellationToken)
    {
        var (list, now) = (new List<Todo>(), time.GetUtcNow());
        if (reader.Roles.HasFlag(Roles.Steward) && await reviews.CountAsync(reader.Name, cancellationToken) is (var held, { } since))
        {
            list.Add(new(
                held == 1 ? "1 release is held for review" : $"{Words.Count(held)} releases are held for review",
                $"The oldest has waited since {Words.When(since, now)} ({Words.Waited(now - since)}).", Chapter.Reviews.Path, "Open the queue", IsUrgent: true));
        }

        if (reader.Roles.HasFlag(Roles.Requester))
            list.AddRange((await ListAskedAsync(reader.Name, now, cancellationToken)).Select(id => new Todo("A steward asks you something", $"Job {Words.Short(id)} is held until they decide.", PathOf(id), "Read the question", IsUrgent: true)));
        list.AddRange(ofTheNode.OrderByDescending(todo => todo.IsUrgent));
        if ((reader.Roles & (Roles.Steward | Roles.Operator)) != Roles.None && site.Read(out _) is { } data)
            list.AddRange(OfData(data, reader));

        if (reader.Roles.HasFlag(Roles.Steward))
        {
            list.AddRange((await _spent.GetAsync(cancellationToken))
                .Select(row => new Todo($"The ledger of {row.Name} is {(row.Spent >= 1 ? "spent" : "nearly spent")}", $"{Words.Percent(row.Spent, 1)} of the nearest limit, by {row.Stand.Releases} answers.", Chapter.Ledger.Path, "See the ledger")));
        }

        list.AddRange((await jobs.ListEndedAsync(JobState.Failed, now - OneDay, reader, MostOfAKind, cancellationToken)).Select(job => new Todo("A job failed", Words.Whole($"Job {Words.Short(job.Id)}: {job.Error}"), PathOf(job.Id), "See why")));
        return list;
    }

    public void Dispose() => _spent.Dispose();

    private IEnumerable<Todo> OfData(CohortSnapshot data, Requester reader)
    {
        // The reasons name files of people, so operators are not shown them.
        var seesWhich = (reader.Roles & (Roles.Steward | Roles.Auditor)) != Roles.None;
        var step = seesWhich ? "See which, and why" : "Ask a steward which one";
        if (data.View.Faults.Total is > 0 and var faults)
            yield return new(faults == 1 ? "1 fault of the data view" : $"{Words.Count(faults)} faults of the data view", "The rows concerned are left out of every question.", seesWhich ? Chapter.Data.Path : null, step);
        if (volumes.Read(data) is not { } known)
            yield break;
        if (known.Count(VolumeState.Unusable) is > 0 and var unusable)
            yield return new(unusable == 1 ? "1 volume cannot be used" : $"{Words.Count(unusable)} volumes cannot be used", "These people are left out of questions about that visit.", seesWhich ? $"{Chapter.Data.Path}#volumes" : null, step);
        if (known.Changed is > 0 and var changed)
            yield return new(changed == 1 ? "1 volume changed" : $"{Words.Count(changed)} volumes changed", "They are read before the next question that needs them; ingesting does it now.", $"{Chapter.Data.Path}#volumes", "See the volumes");
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
}
