using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Disclosure.Outcomes;
using Lazaret.Disclosure.Privacy;
using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Releases.Earlier;
using Lazaret.Node.Releases.Reviews;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Releases;

/// <summary>
/// Decides what becomes of a run's answers, by all that was released before, and writes what was decided. It runs in the transaction that ends the
/// run, one at a time on all processes: an answer and its charge are written together or not at all, also when the process is killed.
/// </summary>
internal sealed class ReleaseDecision(
    ReleaseBook book, EarlierAnswers earlierAnswers, QuestionNames questionNames, DisclosureSecret secret, ReviewPolicy reviews, DisclosureOptions options, RecordSeal seal, TimeProvider time)
{
    /// <summary>
    /// <list type="number">
    /// <item>Find what was answered before; a stored answer is given again, and costs nothing.</item>
    /// <item>Compare the others with the released cohorts and what their subjects had then, and try them on the ledgers.</item>
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
        var tags = new ValueTags(key);
        if (options.Has(DisclosureControlName.C0))
            request = request with { Questions = questionNames.TellApart(tags, request.Questions, indices) };

        // 1. Find what was answered before.
        var stored = options.Has(DisclosureControlName.C0) ? request.Questions.Select(question => book.Find(question.Query)).ToArray() : new BookEntry?[request.Questions.Count];
        var fresh = request.Questions.Where((_, index) => stored[index] is null).DistinctBy(question => question.Query).ToList();

        // 2. Compare the others with the released cohorts and what their subjects had then, and try them on the ledgers.
        BlockRule? unfit = null;
        var charges = fresh.Where(question => question.Rows.Count > 0 || !question.HasRow).Select(question => AskedCharge.Of(tags, question, indices, ref unfit)).OfType<AskedCharge>().ToList();
        var assessment = Assess(request, stored, fresh, indices, await FamiliesAsync(db, request, charges, cancellationToken), charges, unfit);

        // 3. Ask whether a steward must see it.
        var why = await reviews.FindReasonAsync(db, request, cancellationToken) ?? ReasonOf(assessment, stored, fresh);

        // 4. Write the releases, and report.
        AddRefusals(db, request, assessment, fresh, tags, indices, now);
        var detail = assessment.Describe(request, options);
        var publishAt = TickAfter(time.GetUtcNow(), request.NotBefore);
        if (why is null && assessment.Rule is not null)
            return new RunReport.Blocked(detail) { PublishAt = publishAt };
        if (assessment.Rule is null || assessment.IsSpent)
            AddReleases(db, request, assessment, stored, why is null ? ReleaseState.Released : assessment.IsSpent ? ReleaseState.BeyondLimit : ReleaseState.Held, now);
        // Two maps of a batch may be the same question; both get the answer of the first.
        var result = AnswerList.Join(request.Questions.Zip(stored, (question, entry) => entry?.Answer ?? fresh.First(first => first.Query == question.Query).Answer));
        if (why is null)
            return new RunReport.Released(result, detail) { PublishAt = publishAt };
        await AddReviewAsync(db, request, assessment, why.Value, detail, now, cancellationToken);
        return new RunReport.Held(result, detail) { PublishAt = publishAt };
    }

    /// <summary>The reason why a steward must see the answers, apart from the review policy; null when there is none.</summary>
    private ReviewReason? ReasonOf(Assessment assessment, BookEntry?[] stored, List<Question> fresh) =>
        stored.Any(entry => entry is { State: ReleaseState.Held or ReleaseState.BeyondLimit }) ? ReviewReason.SameQueryHeld
        : assessment.Rule is null ? fresh.Exists(question => question.IsUncounted) ? ReviewReason.Uncounted : null
        : options.WhenSpent != "review" ? null
        : assessment.IsSpent ? ReviewReason.LedgerSpent : ReviewReason.Blocked;

    private void AddReleases(LazaretDb db, DecisionRequest request, Assessment assessment, BookEntry?[] stored, ReleaseState state, DateTimeOffset now)
    {
        var project = request.Job.Project ?? "";
        foreach (var charge in assessment.Charges)
        {
            db.Releases.Add(Release.Of(charge, request.Job.Id, request.Job.Requester, state, seal, now));
            db.ReleaseGrants.Add(new ReleaseGrant { Query = charge.Question.Query, Project = project });
        }

        foreach (var entry in stored.OfType<BookEntry>().Where(entry => !entry.Projects.Contains(project)).DistinctBy(entry => entry.Query))
            db.ReleaseGrants.Add(new ReleaseGrant { Query = entry.Query, Project = project });
    }

    /// <param name="detail">What the reviewer is to know; what is said of the same questions, where they wait already, is added.</param>
    private async Task AddReviewAsync(LazaretDb db, DecisionRequest request, Assessment assessment, ReviewReason why, AuditDetail detail, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (assessment.Charges.Count > 0)
            detail["overlap"] = Math.Round(OverlapOf(assessment), 3);
        var (rule, ledgers) = (assessment.Rule, assessment.Ledgers);
        foreach (var earlier in why == ReviewReason.SameQueryHeld ? await HeldReleases.FirstReviewsAsync(db, request.Questions.Select(question => question.Query), cancellationToken) : [])
        {
            rule ??= earlier.Rule;
            ledgers = ledgers.Count > 0 ? ledgers : earlier.ReadLedgers();
            foreach (var (name, said) in earlier.ReadDetail())
                detail.TryAdd(name, said);
        }

        db.Reviews.Add(Review.Of(request.Job, why, rule, detail, ledgers, now));
    }

    /// <summary>The next multiple of the tick; null where answers are shown at once.</summary>
    /// <param name="now">When it is decided.</param>
    /// <param name="notBefore">When it may be shown at the earliest.</param>
    public DateTimeOffset? TickAfter(DateTimeOffset now, DateTimeOffset? notBefore = null)
    {
        var tick = options.Has(DisclosureControlName.Tick) ? TimeSpan.FromMilliseconds(options.TickMilliseconds) : TimeSpan.Zero;
        var after = Math.Max(now.UtcTicks, notBefore?.UtcTicks ?? 0);
        return tick == TimeSpan.Zero ? null : new DateTimeOffset((after / tick.Ticks + 1) * tick.Ticks, TimeSpan.Zero);
    }

    /// <summary>
    /// A refusal that follows from the outcome's values tells of them: whoever may choose the cohort by a map could find who has a rare value. So it counts as if the cohort's
    /// mean had been given, once for a cohort and outcome, and later cohorts are compared with it.
    /// </summary>
    private void AddRefusals(LazaretDb db, DecisionRequest request, Assessment assessment, List<Question> fresh, ValueTags tags, Dictionary<string, int> indices, DateTimeOffset now)
    {
        if (request.Policy.Profile == DisclosureProfile.Dp)
            return;
        BlockRule? unfit = null;
        foreach (var question in fresh.Where(question => question.HasRow && (question.Rule ?? assessment.Rule)?.TellsOfOutcome() == true))
        {
            if (AskedCharge.Of(tags, question with { Rows = [], Bits = 0 }, indices, ref unfit) is not { } charge)
                continue;
            var name = QuestionNames.Of($"refused\n{question.Outcome}\n{Convert.ToHexStringLower(SubjectSetBytes.Write(charge.Charge.Cohort))}\n{charge.Values.Digest}");
            if (book.Find(name) is not null || db.Releases.Local.Any(release => release.Query == name))
                continue;
            db.Releases.Add(Release.Of(charge with { Question = question with { Query = name, Answer = [], Rho = 0 } }, request.Job.Id, request.Job.Requester, ReleaseState.Refused, seal, now));
            db.ReleaseGrants.Add(new ReleaseGrant { Query = name, Project = request.Job.Project ?? "" });
        }
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

    /// <summary>
    /// The families by all that is known of them: what the data show now, and what they showed before. An outcome that is asked about as a covariate is charged in its own
    /// family's ledger; a question never merges families.
    /// </summary>
    private async Task<IReadOnlyList<ToldFamily>> FamiliesAsync(
        LazaretDb db, DecisionRequest request, IReadOnlyList<AskedCharge> charges, CancellationToken cancellationToken)
    {
        List<(string First, string Second)> known = [];
        if (options.Has(DisclosureControlName.Families))
        {
            known = await db.OutcomeKinships.AsNoTracking().Select(kinship => new ValueTuple<string, string>(kinship.First, kinship.Second)).ToListAsync(cancellationToken);
            var related = request.Told.SelectMany(told => told.Relatives.Where(relative => relative != told.Name).Select(relative => (told.Name, relative)));
            foreach (var (outcome, relative) in related.Concat(EarlierNames(request, charges)))
            {
                (string First, string Second) pair = string.CompareOrdinal(outcome, relative) < 0 ? (outcome, relative) : (relative, outcome);
                if (known.Contains(pair))
                    continue;
                known.Add(pair);
                db.OutcomeKinships.Add(new OutcomeKinship { First = pair.First, Second = pair.Second });
            }
        }

        var families = OutcomeFamilies.Joined(known.Select(pair => (string[])[pair.First, pair.Second]));
        return
        [
            .. request.Told.Select(told => (told.Entropy, Outcomes: families.FamilyOf(told.Name).ToArray()))
                .GroupBy(told => string.Join('\n', told.Outcomes), StringComparer.Ordinal)
                .Select(same => new ToldFamily(same.First().Outcomes, same.First().Outcomes.Any(request.IsDiscrete), same.Min(told => told.Entropy))),
        ];
    }

    /// <summary>Pairs of an outcome's current name and the name it had before, found by equal values. Earlier answers about the old name stay counted.</summary>
    private IEnumerable<(string Outcome, string Earlier)> EarlierNames(DecisionRequest request, IReadOnlyList<AskedCharge> charges) =>
        from gone in book.Charged.Where(entry => !request.HasOutcome(entry.Outcome)).DistinctBy(entry => (entry.Outcome, entry.DataVersion, entry.Charge.Cohort))
        from asked in charges.DistinctBy(asked => (asked.Question.Outcome, asked.Charge.Cohort))
        where OutcomeValues.AreOne(OutcomeValues.Compare((asked.Charge.Cohort, asked.Values), (gone.Charge.Cohort, gone.Values)), request.Policy.MinimumCohort)
        select (asked.Question.Outcome, gone.Outcome);

    private Assessment Assess(
        DecisionRequest request,
        BookEntry?[] stored,
        List<Question> fresh,
        Dictionary<string, int> indices,
        IReadOnlyList<ToldFamily> families,
        IReadOnlyList<AskedCharge> charged,
        BlockRule? unfit)
    {
        var assessment = new Assessment { Families = families, Charges = charged };
        foreach (var (question, entry) in request.Questions.Zip(stored))
            assessment.Rule ??= RuleOf(question, entry);
        assessment.Rule ??= unfit;
        LedgerCharge[] charges = [.. assessment.Charges.Select(pair => pair.Charge)];
        assessment.Rule ??= earlierAnswers.FindConflict([.. charged.Select(asked => asked.Compared)], request.Policy.MinimumCohort, request.HasOutcome);
        if (charges.Length == 0)
            return assessment;
        if (request.Policy.Profile == DisclosureProfile.Dp)
            assessment.Rule ??= FindOverdraft(request, fresh, charges);
        if (!fresh.Exists(question => question.HasRow))
            return assessment;

        var subjects = book.Subjects + indices.Values.Count(index => index >= book.Subjects);
        assessment.Ledgers = [.. families.SelectMany(family => TryLedgers(request, family, charged, subjects)), TryMembership(request, charged, subjects)];
        var spent = assessment.Ledgers.FirstOrDefault(ledger => ledger.Rule is not null)?.Rule;
        assessment.IsSpent = assessment.Rule is null && spent is not null;
        assessment.Rule ??= spent;
        return assessment;
    }

    /// <summary>A stored answer must still meet the asker's minimum cohort; one that a steward rejected stays rejected.</summary>
    private static BlockRule? RuleOf(Question question, BookEntry? stored) => stored switch
    {
        { State: ReleaseState.Rejected } => BlockRule.Rejected,
        null => question.Rule,
        _ => question.Rule is BlockRule.MinimumCohort ? question.Rule : null,
    };

    /// <summary>What these charges would do to a family's ledger: to the project's own and that of all projects together, where each has its own.</summary>
    private IEnumerable<TriedLedger> TryLedgers(DecisionRequest request, ToldFamily family, IReadOnlyList<AskedCharge> charged, int subjects)
    {
        (string, LedgerCharge)[] charges = [.. charged.Select(asked => (asked.Question.Query, asked.Charge))];
        var (project, limits, isByProject) = (request.Job.Project, request.Policy.LimitsOf(family.IsDiscrete, family.Entropy), options.Ledger == "project");
        yield return TriedLedger.Try(book, project, charges, subjects, family.Outcomes, isOfSite: !isByProject, limits);
        if (isByProject)
            yield return TriedLedger.Try(book, project, charges, subjects, family.Outcomes, isOfSite: true, request.Policy.SiteLimitsOf(family.IsDiscrete));
    }

    /// <summary>
    /// Each answer says how many people it is about: whatever the outcomes were, cohorts together must single out nobody, nor a group below the minimum.
    /// </summary>
    private TriedLedger TryMembership(DecisionRequest request, IReadOnlyList<AskedCharge> charged, int subjects)
    {
        var limits = request.Policy.LimitsOf(discrete: false, entropy: 0) with { Pair = double.PositiveInfinity, BitsPerSubject = double.PositiveInfinity };
        return TriedLedger.Try(book, request.Job.Project, [.. charged.Select(asked => (asked.Question.Query, asked.Charge))], subjects, TriedLedger.OfMembership, isOfSite: true, limits);
    }

    /// <summary>Differential privacy: whether the budget is too small for these answers.</summary>
    private BlockRule? FindOverdraft(DecisionRequest request, List<Question> fresh, LedgerCharge[] charges)
    {
        var rho = fresh.Sum(question => question.Rho);
        var spent = book.RhoSpent([.. charges.Select(charge => charge.Cohort)], request.Job.Project ?? "");
        return rho > 0 && new PrivacyAccount(spent, request.Policy.RhoBudget).Charge(rho) is null ? BlockRule.PrivacyBudget : null;
    }

    /// <summary>The largest correlation of these scores with those of an earlier answer about the families, over the subjects of both.</summary>
    private double OverlapOf(Assessment assessment) => Overlap.Largest(
        assessment.Charges.SelectMany(pair => pair.Charge.Rows.Select(row => (pair.Charge.Cohort, row))),
        book.Charged.Where(entry => assessment.Families.Any(family => entry.IsAbout(family.Outcomes))).SelectMany(entry => entry.Charge.Rows.Select(row => (entry.Charge.Cohort, row))));
}
