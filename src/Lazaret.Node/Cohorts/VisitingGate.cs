using System.Globalization;
using System.Text.Json;
using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Checks;
using Lazaret.Disclosure.Scores;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Configuration;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;

namespace Lazaret.Node.Cohorts;

/// <summary>
/// Reads what an analysis answered that the node did not write. Its scores are not known, so that no ledger can say what its numbers tell: but for
/// the rules about cohorts and the digits of an answer, only a review stands between such a program and the data (<see cref="Releases.Reviews.ReviewOptions"/>).
/// </summary>
internal sealed class VisitingGate(ReleaseDecision decision, DisclosureOptions disclosure, TimeProvider time)
{
    // The same for whatever went wrong: a program of somebody else's could tell of the data by how it fails.
    private const string NoAnswer = "the analysis gave no answer; the site's operators can see why, and whoever wrote it can try it with 'lazaret analyses run'";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <summary>
    /// Its n must be the node's own count: otherwise a program could answer about one subject and claim a cohort above the minimum.
    /// </summary>
    /// <param name="output">What it wrote.</param>
    /// <param name="asked">What was asked.</param>
    /// <param name="isSameData">Whether the data still is what was counted; asked when the counts differ.</param>
    public RunReport Judge(ReadOnlyMemory<byte> output, AskedCohort asked, Func<bool> isSameData)
    {
        if (Read(output) is not var (n, r, p))
            return Untold(new RunReport.Failed(RunEnd.BadOutput, "the analysis did not answer n, R and p"));
        string[] subjects = [.. asked.Selection.Rows.Select(asked.Subjects.Of)];
        // Tables that were edited while it ran make an honest program count differently: another attempt sees one state of them.
        if (n != subjects.Length && !isSameData())
            return new RunReport.GivenBack();

        var policy = disclosure.PolicyOf(asked.Project);
        var outcome = new AskedOutcome(asked, disclosure.Has(DisclosureControlName.Families));
        var rule = n != subjects.Length ? BlockRule.ClaimedCohort
            : policy.Has(DisclosureControlName.C1) ? CohortCheck.Size(subjects.Distinct(StringComparer.Ordinal).Count(), subjects.Length, outcome.Population, policy.MinimumCohort) : null;
        if (r is null || p is null)
            rule ??= BlockRule.Degenerate;
        else if (policy.Has(DisclosureControlName.C7))
            rule ??= OutcomeCheck.Extreme(r.Value);
        var canonical = asked.Request.Canonical(0);
        var (statistic, shown) = (asked.Query.Statistic, ToThreeDecimals(r ?? 0));
        var rank = asked.ColumnsShown(policy) ?? ReleasedCorrelation.RankOf(statistic, asked.Selection.Covariates);
        var result = new CohortAnswerResult(n, shown, ToThreeDecimals(p ?? 1))
        {
            // They follow from what leaves: the R that is shown, n, and the covariates that were asked for.
            Interval = ReleasedCorrelation.Interval(statistic, (double)shown, n, rank, c: 0) is var (low, high) ? [ToThreeDecimals(low), ToThreeDecimals(high)] : null,
            DegreesOfFreedom = statistic == Statistic.Kendall || n - 2 - rank < 1 ? null : n - 2 - rank,
            Query = canonical,
            DataVersion = asked.DataVersion,
            NodeVersion = NodeVersion.Current,
            Disclosure = DisclosureNote.Of(disclosure),
        };
        var question = new Question(
            canonical.NameOn(asked.Data.Version), asked.DataVersion, asked.Query.Outcome, subjects, rule, [], JsonSerializer.SerializeToUtf8Bytes(result)) { Values = [.. asked.Selection.Outcome], HasRow = false };
        var request = new DecisionRequest
        {
            Job = asked.Job,
            Task = asked.Request.Task,
            Policy = policy,
            Questions = [question],
            Told = outcome.Told,
            IsDiscrete = name => outcome.IsDiscrete(name, n, policy),
            HasOutcome = asked.Data.View.Outcomes.ContainsKey,
            Everybody = asked.Subjects.Everybody,
            IsVisiting = true,
        };
        return new RunReport.Undecided((db, cancellationToken) => decision.DecideAsync(db, request, cancellationToken));
    }

    /// <summary>A failure as its requester may see it: why is for the audit, and when is on the tick.</summary>
    public RunReport.Failed Untold(RunReport.Failed failed) => failed with { Error = NoAnswer, Why = failed.Error, PublishAt = decision.TickAfter(time.GetUtcNow()) };

    /// <summary>What an analysis answered; null when that is not n, R and p. Whatever else it wrote is dropped.</summary>
    public static (int N, double? R, double? P)? Read(ReadOnlyMemory<byte> output)
    {
        try
        {
            using var document = JsonDocument.Parse(output, Strict);
            var root = document.RootElement;
            var (n, r, p) = (root.GetProperty("n").GetInt32(), Number(root, "R"), Number(root, "p"));
            return n >= 0 && r is null == p is null && r is null or (>= -1 and <= 1) && p is null or (>= 0 and <= 1) ? (n, r, p) : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static double? Number(JsonElement item, string name) =>
        item.GetProperty(name) is { ValueKind: not JsonValueKind.Null } value ? value.GetDouble() : null;

    private static decimal ToThreeDecimals(double value) =>
        decimal.Parse(value.ToString("F3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
