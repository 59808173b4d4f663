using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Outcomes;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Projects;
using Lazaret.Node.Releases;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Cohorts.Budgets;

/// <summary>Says what remains of quotas and ledgers. It decides nothing, so that it reads outside of the transactions that do.</summary>
internal sealed class BudgetDesk(IDbContextFactory<LazaretDb> databases, ReleaseBook book, CohortSite site, DisclosureOptions options, TimeProvider time)
{
    // How many of the requester's latest answers are searched for one about the outcome.
    private const int MostLookedAt = 200;

    /// <summary>What a requester may still ask.</summary>
    /// <param name="requester">Who asks.</param>
    /// <param name="project">For which project; null outside any.</param>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <param name="outcome">About which outcome something may remain; null for that of the last answer.</param>
    public async Task<BudgetAnswer> FindAsync(string requester, Project? project, CancellationToken cancellationToken, string? outcome = null)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var answer = new BudgetAnswer { Project = project?.Key, Questions = await FindQuestionsAsync(db, requester, cancellationToken), ProjectJobs = await FindJobsAsync(db, project, now, cancellationToken) };
        var answered = await db.AskedQueries.AsNoTracking()
            .Where(query => query.Requester == requester && db.Set<Job>().Any(job => job.Id == query.JobId && job.State == JobState.Done && (job.PublishedAt == null || job.PublishedAt <= now)))
            .OrderByDescending(query => query.At).Select(query => query.Query).Take(outcome is null ? 1 : MostLookedAt).ToListAsync(cancellationToken);
        using var turn = await book.OpenAsync(db, cancellationToken);
        return answered.Select(book.Find).FirstOrDefault(entry => outcome is null || entry?.Outcome == outcome) is { IsCharged: true } entry
            ? answer with { Remaining = Estimate(entry, await FamiliesAsync(db, cancellationToken), project) }
            : answer;
    }

    /// <summary>How many questions a requester may still ask this week, without a look at any ledger; null where there is no limit to them.</summary>
    public async Task<QuotaLeft?> FindQuestionsAsync(string requester, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await FindQuestionsAsync(db, requester, cancellationToken);
    }

    /// <summary>How many questions a job asked: one for each map that is unlike its others.</summary>
    public async Task<int> CountQuestionsAsync(Guid job, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.AskedQueries.CountAsync(query => query.JobId == job, cancellationToken);
    }

    /// <summary>How every ledger stands. A decision about an answer waits for one ledger at most, not for all of them.</summary>
    /// <param name="cancellationToken">Ends the looking.</param>
    /// <param name="isBrief">Whether what is spent is enough: who spent it, and what one more question costs, take longest.</param>
    public async Task<IReadOnlyList<LedgerStand>> ListAsync(CancellationToken cancellationToken, bool isBrief = false)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var ledgers = new List<(IReadOnlyList<string> Family, string? Project, List<BookEntry> Own)>();
        using (await book.OpenAsync(db, cancellationToken))
        {
            var all = book.All.ToList();
            foreach (var family in await FamiliesAsync(db, cancellationToken))
            {
                var own = all.FindAll(entry => entry.IsAbout(family));
                string?[] projects = options.Ledger == "project" ? [null, .. own.SelectMany(entry => entry.Projects).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)] : [null];
                ledgers.AddRange(projects.Select(project => (family, project, own)));
            }
        }

        var stands = new List<LedgerStand>();
        foreach (var (family, project, own) in ledgers)
        {
            using var turn = await book.GoOnAsync(cancellationToken);
            stands.Add(Stand(family, project, own, isBrief));
        }

        return stands;
    }

    /// <summary>What a job's answers added to the site's ledgers, for stewards and auditors: one for each family of outcomes that they tell of; none where nothing was charged.</summary>
    public async Task<IReadOnlyList<JobCost>> FindCostsAsync(Guid job, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var queries = await db.Releases.AsNoTracking().Where(release => release.JobId == job).Select(release => release.Query).ToListAsync(cancellationToken);
        if (queries.Count == 0)
            return [];
        using var turn = await book.OpenAsync(db, cancellationToken);
        List<BookEntry> own = [.. queries.Select(book.Find).OfType<BookEntry>().Where(entry => entry is { IsCharged: true, Rho: 0 })];
        return own.Count == 0 ? [] : [.. (await FamiliesAsync(db, cancellationToken)).Where(own[0].IsAbout).Select(family => CostOf(family, own))];
    }

    private JobCost CostOf(IReadOnlyList<string> family, List<BookEntry> own)
    {
        var ledger = book.LedgerOf(family, null, book.Subjects);
        var costs = own.ConvertAll(entry => ledger.CostOf(entry.Query));
        var limits = LimitsOf(family, own[0], null, null);
        return new JobCost(family, Math.Round(costs.Sum(cost => cost.Leverage), 3), Finite(limits?.Leverage), Math.Round(costs.Sum(cost => cost.Bits), 2), Finite(limits?.BitsPerSubject * ledger.Ledger.Reached.Count));

        static double? Finite(double? limit) => limit is { } known && double.IsFinite(known) ? Math.Round(known, 3) : null;
    }

    private async Task<QuotaLeft?> FindQuestionsAsync(LazaretDb db, string requester, CancellationToken cancellationToken)
    {
        if (options.QueriesPerWeek == 0 || !options.Has(DisclosureControlName.C9))
            return null;
        var (asked, until) = (await RequesterQuotas.ReadAsync(db, [requester], time.GetUtcNow(), cancellationToken)).Of(requester);
        return new(options.QueriesPerWeek, asked, Math.Max(0, options.QueriesPerWeek - asked)) { RoomAt = until };
    }

    private static async Task<QuotaLeft?> FindJobsAsync(LazaretDb db, Project? project, DateTimeOffset now, CancellationToken cancellationToken) =>
        project is not null && (await ProjectQuotas.ReadAsync(db, [project.Key], now, isAdmitting: false, cancellationToken)).Of(project.Key) is { } room
            ? new(room.Quota, room.Quota - room.Left, Math.Max(0, room.Left)) { RoomAt = room.Left < room.Quota ? room.Until : null }
            : null;

    private LedgerStand Stand(IReadOnlyList<string> family, string? project, List<BookEntry> own, bool isBrief)
    {
        var all = book.LedgerOf(family, project, book.Subjects);
        var ledger = all.Ledger;
        var limits = LimitsOf(family, own[0], project, null);
        var counted = own.Where(entry => project is null || entry.Projects.Contains(project)).ToList();
        return new LedgerStand
        {
            Outcomes = family,
            Project = project,
            Leverage = Math.Round(ledger.MaxLeverage, 3),
            LeverageLimit = limits is { } known && double.IsFinite(known.Leverage) ? Math.Round(known.Leverage, 3) : null,
            Bits = Math.Round(ledger.Bits, 2),
            BitsLimit = limits is { } each && double.IsFinite(each.BitsPerSubject) ? Math.Round(each.BitsPerSubject * ledger.Reached.Count, 2) : null,
            People = ledger.Reached.Count >= options.MinimumCohort ? ledger.Reached.Count : null,
            ByProject = project is null && !isBrief ? SharesOf(all, counted) : null,
            OneMore = limits is null || isBrief ? null : CostOf(ledger, limits, counted),
            Releases = counted.Count(entry => entry.State == ReleaseState.Released),
            Held = counted.Count(entry => entry.State is ReleaseState.Held or ReleaseState.BeyondLimit),
        };
    }

    private static List<LedgerShare> SharesOf(CountedLedger ledger, IReadOnlyList<BookEntry> counted) =>
    [
        .. counted.Where(entry => entry.IsCharged)
            .SelectMany(entry => entry.Projects.DefaultIfEmpty("").Select(project => (Project: project, Parts: Math.Max(1, entry.Projects.Count), Entry: entry, Cost: ledger.CostOf(entry.Query))))
            .GroupBy(part => part.Project, StringComparer.Ordinal)
            .Select(parts => new LedgerShare(
                parts.Key,
                Math.Round(parts.Sum(part => part.Cost.Leverage / part.Parts), 3),
                Math.Round(parts.Sum(part => part.Cost.Bits / part.Parts), 2),
                parts.Count(part => part.Entry.State == ReleaseState.Released)))
            .OrderByDescending(share => share.Leverage).ThenBy(share => share.Project, StringComparer.Ordinal),
    ];

    private static LedgerCost? CostOf(LeverageLedger ledger, LedgerLimits limits, IReadOnlyList<BookEntry> counted)
    {
        // Differential privacy counts in another way.
        if (counted.LastOrDefault(entry => entry is { IsCharged: true, Rho: 0, Charge.Rows.Count: > 0 }) is not { Charge: { Cohort: var cohort, Rows: [var row, ..] } })
            return null;
        var (leverage, bits, fits) = LedgerForecast.OneMore(ledger, limits, cohort, row.Variance);
        return new LedgerCost(Math.Round(leverage, 3), Math.Round(bits, 2), fits);
    }

    /// <summary>
    /// A lower bound for how many unrelated maps on the same cohort all ledgers would still take, or for how many such answers the privacy budget has room; null
    /// when no ledger counts them, or the data is away.
    /// </summary>
    private QueriesLeft? Estimate(BookEntry last, IReadOnlyList<IReadOnlyList<string>> families, Project? project)
    {
        if (last.Rho > 0)
            return new QueriesLeft(last.Outcome, (int)Math.Max(0, (options.RhoBudget - book.RhoSpent([last.Charge.Cohort], project?.Key ?? "")) / last.Rho));

        if (last.Charge.Rows is not [var row, ..])
            return null;
        var ledgers = new List<(LeverageLedger, LedgerLimits)>();
        foreach (var family in families.Where(family => last.IsAbout(family)))
        {
            foreach (var key in options.Ledger == "project" ? [project?.Key ?? "", null] : new string?[] { null })
            {
                if (LimitsOf(family, last, key, project) is not { } limits)
                    return null;
                ledgers.Add((book.LedgerOf(family, key, book.Subjects).Ledger, limits));
            }
        }

        return new QueriesLeft(last.Outcome, LedgerForecast.AtLeast(ledgers, last.Charge.Cohort, row.Variance));
    }

    /// <summary>The limits of a ledger for questions like one that was answered; null where the data are away.</summary>
    private LedgerLimits? LimitsOf(IReadOnlyList<string> family, BookEntry like, string? ledger, Project? project)
    {
        if (site.Read(out _) is not { View: { } view } || like.AlsoTold.Prepend(like.Outcome).FirstOrDefault(name => family.Contains(name, StringComparer.Ordinal) && view.Outcomes.ContainsKey(name)) is not { } outcome)
            return null;
        var policy = options.PolicyOf(project);
        var traits = family.Where(view.Outcomes.ContainsKey).Select(name => OutcomeTraits.Of(view.Outcomes[name])).ToList();
        var isDiscrete = traits.Exists(each => each.IsDiscrete(Math.Min(each.Known, like.Charge.Cohort.Count), policy.Step));
        return ledger is null && options.Ledger == "project" ? policy.SiteLimitsOf(isDiscrete) : policy.LimitsOf(isDiscrete, OutcomeTraits.Of(view.Outcomes[outcome]).Entropy);
    }

    /// <summary>The outcomes that any answer tells of, with their kin.</summary>
    private async Task<IReadOnlyList<IReadOnlyList<string>>> FamiliesAsync(LazaretDb db, CancellationToken cancellationToken)
    {
        var pairs = options.Has(DisclosureControlName.Families) ? await db.OutcomeKinships.AsNoTracking().ToListAsync(cancellationToken) : [];
        var told = book.All.SelectMany(entry => entry.AlsoTold.Prepend(entry.Outcome)).Distinct(StringComparer.Ordinal).Select(outcome => new[] { outcome });
        var families = OutcomeFamilies.Joined(told.Concat(pairs.Select(pair => new[] { pair.First, pair.Second })));
        return [.. families.All.Select(family => family.ToArray()).Where(family => book.All.Any(entry => entry.IsAbout(family)))];
    }
}
