using Lazaret.Disclosure;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Privacy;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Releases;

/// <summary>
/// Decides what becomes of a run's answers, by all that was released before, and writes what was decided. It runs in the transaction that ends the
/// run, one at a time on all processes: an answer that leaves is charged, and what is charged leaves, also when the process is killed.
/// </summary>
internal sealed class ReleaseDecision(ReleaseBook book, DisclosureSecret secret, ReviewPolicy reviews, DisclosureOptions options, RecordSeal seal, TimeProvider time)
{
    /// <summary>
    /// <list type="number">
    /// <item>Find what was answered before; a stored answer is given again, and costs nothing.</item>
    /// <item>Hold the others against the released cohorts, and against the ledgers.</item>
    /// <item>Ask whether a steward must see it.</item>
    /// <item>Write the releases, and report.</item>
    /// </list>
    /// </summary>
    public async Task<RunReport> DecideAsync(LazaretDb db, DecisionRequest request, CancellationToken cancellationToken)
    {
        var key = await secret.GetAsync(cancellationToken);
        using var turn = await book.OpenAsync(db, cancellationToken);
        var now = time.GetUtcNow();
        var indices = Register(db, key, request.Everybody);

        // 1. Find what was answered before.
        var stored = options.Has("C0") ? request.Questions.Select(question => book.Find(question.Query)).ToArray() : new BookEntry?[request.Questions.Count];
        var fresh = request.Questions.Where((_, index) => stored[index] is null).DistinctBy(question => question.Query).ToList();

        // 2. Hold the others against the released cohorts, and against the ledgers.
        var assessment = Assess(request, stored, fresh, indices, await FamilyAsync(db, request, cancellationToken));

        // 3. Ask whether a steward must see it.
        var why = await reviews.FindReasonAsync(db, request, cancellationToken)
            ?? (stored.Any(entry => entry is { State: ReleaseState.Held or ReleaseState.BeyondLimit }) ? ReviewReason.SameQueryHeld : (ReviewReason?)null)
            ?? (assessment.Rule is null && fresh.Exists(question => question.IsUncounted) ? ReviewReason.Uncounted : (ReviewReason?)null)
            ?? (assessment.Rule is not null && options.WhenSpent == "review" ? assessment.IsSpent ? ReviewReason.LedgerSpent : ReviewReason.Blocked : null);

        // 4. Write the releases, and report.
        var detail = assessment.Describe(request, options);
        var publishAt = TickAfter(now);
        if (why is null && assessment.Rule is not null)
            return new RunReport.Blocked(detail) { PublishAt = publishAt };

        var project = request.Job.Project ?? "";
        if (assessment.Rule is null || assessment.IsSpent)
        {
            var state = why is null ? ReleaseState.Released : assessment.IsSpent ? ReleaseState.BeyondLimit : ReleaseState.Held;
            foreach (var (question, charge) in assessment.Charges)
            {
                db.Releases.Add(Release.Of(question, charge, request.Job.Id, request.Job.Requester, state, seal, now));
                db.ReleaseGrants.Add(new ReleaseGrant { Query = question.Query, Project = project });
            }

            foreach (var entry in stored.OfType<BookEntry>().Where(entry => !entry.Projects.Contains(project)).DistinctBy(entry => entry.Query))
                db.ReleaseGrants.Add(new ReleaseGrant { Query = entry.Query, Project = project });
        }

        // Two maps of a batch may be the same question; both get the answer of the first.
        var result = AnswerList.Join(request.Questions.Zip(stored, (question, entry) => entry?.Answer ?? fresh.First(first => first.Query == question.Query).Answer));
        if (why is null)
            return new RunReport.Released(result, detail) { PublishAt = publishAt };
        if (assessment.Charges.Count > 0)
            detail["overlap"] = Math.Round(OverlapOf(assessment), 3);
        db.Reviews.Add(Review.Of(request.Job, why.Value, assessment.Rule, detail, now));
        return new RunReport.Held(result, detail) { PublishAt = publishAt };
    }

    /// <summary>The next multiple of the tick, with room for this decision to be written before it.</summary>
    public DateTimeOffset? TickAfter(DateTimeOffset now)
    {
        var tick = options.Has("Tick") ? TimeSpan.FromMilliseconds(options.TickMilliseconds) : TimeSpan.Zero;
        return tick == TimeSpan.Zero ? null : new DateTimeOffset((now.UtcTicks / tick.Ticks + 1) * tick.Ticks, TimeSpan.Zero);
    }

    /// <summary>The index of every subject; those who are new are added.</summary>
    private Dictionary<string, int> Register(LazaretDb db, byte[] key, IReadOnlyCollection<string> everybody)
    {
        var indices = new Dictionary<string, int>(everybody.Count, StringComparer.Ordinal);
        var next = book.Subjects;
        foreach (var subject in everybody)
        {
            var tag = DisclosureSecret.Tag(key, subject);
            if (book.IndexOf(tag) is not { } index)
            {
                index = next++;
                db.LedgerSubjects.Add(new LedgerSubject { Index = index, Tag = tag });
            }

            indices[subject] = index;
        }

        return indices;
    }

    /// <summary>The outcome's family by all that is known of it: what the data show now, and what they showed before.</summary>
    private async Task<IReadOnlyList<string>> FamilyAsync(LazaretDb db, DecisionRequest request, CancellationToken cancellationToken)
    {
        var outcome = request.Questions[0].Outcome;
        if (!options.Has("Families"))
            return [outcome];
        var known = await db.OutcomeKinships.AsNoTracking().Select(kinship => new ValueTuple<string, string>(kinship.First, kinship.Second)).ToListAsync(cancellationToken);
        foreach (var relative in request.Family.Where(relative => relative != outcome))
        {
            var (first, second) = string.CompareOrdinal(outcome, relative) < 0 ? (outcome, relative) : (relative, outcome);
            if (known.Contains((first, second)))
                continue;
            known.Add((first, second));
            db.OutcomeKinships.Add(new OutcomeKinship { First = first, Second = second });
        }

        var family = new SortedSet<string>(StringComparer.Ordinal) { outcome };
        for (var before = 0; family.Count > before;)
        {
            before = family.Count;
            foreach (var (first, second) in known.Where(pair => family.Contains(pair.Item1) || family.Contains(pair.Item2)))
                family.UnionWith([first, second]);
        }

        return [.. family];
    }

    private Assessment Assess(DecisionRequest request, BookEntry?[] stored, List<Question> fresh, Dictionary<string, int> indices, IReadOnlyList<string> family)
    {
        var assessment = new Assessment { Family = family };
        // A stored answer is held against the smallest cohort of whoever asks now; and what a steward kept stays kept.
        foreach (var (question, entry) in request.Questions.Zip(stored))
        {
            var rule = entry switch
            {
                { State: ReleaseState.Rejected } => BlockRule.Rejected,
                null => question.Rule,
                _ => question.Rule is BlockRule.MinimumCohort ? question.Rule : null,
            };
            assessment.Rule ??= rule;
        }

        foreach (var question in fresh.Where(question => question.Rows.Count > 0 || !question.HasRow))
        {
            // The ledger has the subjects in the order of their indices.
            var places = question.Subjects.Select((subject, at) => (Index: indices[subject], At: at)).OrderBy(place => place.Index).ToArray();
            var cohort = SubjectSet.Of([.. places.Select(place => place.Index).Distinct()]);
            if (cohort.Count < places.Length || cohort.Count == 0)
            {
                assessment.Rule ??= cohort.Count == 0 ? BlockRule.MinimumCohort : BlockRule.RepeatedSubject;
                continue;
            }

            var order = Array.ConvertAll(places, place => place.At);
            assessment.Charges.Add((question, new LedgerCharge(cohort, [.. question.Rows.Select(row => row.InOrder(order))], question.Bits)));
        }

        LedgerCharge[] charges = [.. assessment.Charges.Select(pair => pair.Charge)];
        if (options.Has("C2") && FindDifference(charges, request.Policy.MinimumCohort))
            assessment.Rule ??= BlockRule.Difference;
        if (assessment.Charges.Exists(pair => pair.Question.IsRival is { } isRival
            && book.Charged.Any(entry => entry.Outcome == pair.Question.Outcome && entry.Charge.Cohort.Equals(pair.Charge.Cohort) && isRival(entry.Answer))))
            assessment.Rule ??= BlockRule.OtherScheme;
        if (charges.Length == 0)
            return assessment;
        if (request.Policy.Profile == DisclosureProfile.Dp)
            assessment.Rule ??= FindOverdraft(request, fresh);
        if (!fresh.Exists(question => question.HasRow))
            return assessment;

        string[] queries = [.. assessment.Charges.Select(pair => pair.Question.Query)];
        var subjects = book.Subjects + indices.Values.Count(index => index >= book.Subjects);
        var isByProject = options.Ledger == "project";
        var ledger = book.LedgerOf(family, isByProject ? request.Job.Project ?? "" : null, subjects);
        (assessment.LeverageBefore, assessment.Limits) = (ledger.Ledger.MaxLeverage, request.Policy.LimitsOf(request.IsDiscrete, request.Entropy));
        var own = ledger.Try(queries, charges, assessment.Limits);
        assessment.Trial = own;
        var spent = own.Rule;
        if (isByProject)
            spent ??= book.LedgerOf(family, project: null, subjects).Try(queries, charges, request.Policy.SiteLimitsOf(request.IsDiscrete)).Rule;
        assessment.IsSpent = assessment.Rule is null && spent is not null;
        assessment.Rule ??= spent;
        return assessment;
    }

    /// <summary>Differential privacy: whether the budget of this state of the data, or of the project, is too small for these answers.</summary>
    private BlockRule? FindOverdraft(DecisionRequest request, List<Question> fresh)
    {
        var (version, project) = (request.Questions[0].DataVersion, request.Job.Project ?? "");
        var rho = fresh.Sum(question => question.Rho);
        var about = book.Charged.Where(entry => entry.DataVersion == version).Sum(entry => entry.Rho);
        var by = book.Charged.Where(entry => entry.Projects.Contains(project)).Sum(entry => entry.Rho);
        return rho > 0 && new PrivacyAccount(Math.Max(about, by), request.Policy.RhoBudget).Charge(rho) is null ? BlockRule.PrivacyBudget : null;
    }

    /// <summary>The largest correlation of these scores with those of an earlier answer about the family, over the subjects of both.</summary>
    private double OverlapOf(Assessment assessment) => Overlap.Largest(
        assessment.Charges.SelectMany(pair => pair.Charge.Rows.Select(row => (pair.Charge.Cohort, row))),
        book.Charged.Where(entry => assessment.Family.Contains(entry.Outcome, StringComparer.Ordinal)).SelectMany(entry => entry.Charge.Rows.Select(row => (entry.Charge.Cohort, row))));

    /// <summary>Control C2: whether a cohort differs from another that was answered, or is about to be, by fewer subjects than the minimum.</summary>
    private bool FindDifference(LedgerCharge[] charges, int minimum)
    {
        SubjectSet[] asked = [.. charges.Select(charge => charge.Cohort).Distinct()];
        return book.Charged.Select(entry => entry.Charge.Cohort).Distinct().Concat(asked)
            .Any(answered => Array.Exists(asked, cohort => CohortCheck.DifferByFew(cohort, answered, minimum)));
    }
}
