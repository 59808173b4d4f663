using System.Text;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Noise;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;

namespace Lazaret.Node.Cohorts;

/// <summary>Makes answers of what a sandbox scored, and hands them to the decision about what leaves.</summary>
internal sealed class CohortGate(ReleaseDecision decision, DisclosureOptions disclosure)
{
    /// <param name="file">The scores.</param>
    /// <param name="asked">The question that was scored.</param>
    /// <param name="isSameData">Whether the data is still what was asked about; asked when the scores are about other rows.</param>
    public RunReport Judge(ReadOnlyMemory<byte> file, AskedCohort asked, Func<bool> isSameData)
    {
        if (ScoreFile.Read(file.Span, asked.Data.View, asked.Selection, asked.Request.Maps) is not { } scored)
        {
            return isSameData()
                ? new RunReport.Failed(RunEnd.BadOutput, "the analysis did not answer with the scores of the cohort")
                : new RunReport.HostFault("the data changed while the analysis ran");
        }

        var policy = disclosure.PolicyOf(asked.Project);
        var outcome = new AskedOutcome(asked, disclosure.Has("Families"));
        var questions = Enumerable.Range(0, asked.Request.Maps).Select(map => Question(asked, outcome, scored, map, policy)).ToList();
        var request = new DecisionRequest
        {
            Job = asked.Job,
            Task = asked.Request.Task,
            Policy = policy,
            Questions = questions,
            Family = outcome.Family,
            IsDiscrete = outcome.IsFamilyDiscrete(policy),
            Entropy = outcome.Traits.Entropy,
            Everybody = asked.Subjects.Everybody,
        };
        return new RunReport.Undecided((db, cancellationToken) => decision.DecideAsync(db, request, cancellationToken));
    }

    private Question Question(AskedCohort asked, AskedOutcome outcome, ScoredRows scored, int map, DisclosurePolicy policy)
    {
        var scores = scored.Scores[map];
        var isPrivate = policy.Profile == DisclosureProfile.Dp;
        // With differential privacy n is public, so that a score which is missing must not change it.
        int[] kept = [.. Enumerable.Range(0, scores.Length).Where(row => isPrivate ? scored.Usable[row] : double.IsFinite(scores[row]))];
        var canonical = asked.Request.Canonical(map);
        var name = canonical.NameOn(asked.Data.Version);
        // Without control C0 every question is a new one.
        if (!disclosure.Has("C0"))
            name = canonical.NameOn($"{asked.Data.Version}\n{asked.Job.Id}\n{map}");
        var cohort = new ScoredCohort
        {
            Statistic = asked.Query.Statistic,
            Scores = Array.ConvertAll(kept, row => scores[row]),
            Outcome = Array.ConvertAll(kept, row => asked.Selection.Outcome[row]),
            Covariates = [.. asked.Selection.Covariates.Select(column => Array.ConvertAll(kept, row => column[row]))],
            Subjects = Array.ConvertAll(kept, row => asked.Subjects.Of(asked.Selection.Rows[row])),
            Population = outcome.Population - Enumerable.Range(0, scores.Length).Where(row => !scored.Usable[row]).Select(row => asked.Subjects.Of(asked.Selection.Rows[row])).Distinct(StringComparer.Ordinal).Count(),
            Traits = outcome.Traits,
        };
        var answer = DisclosureControl.Judge(cohort, policy, purpose => KeyedStream.Of(asked.Key, purpose, asked.Data.Version, Encoding.UTF8.GetBytes(name)));
        var leaves = answer.Result is { } result
            ? JsonSerializer.SerializeToUtf8Bytes(CohortAnswerResult.Of(result, canonical, asked.Data.Version, DisclosureNote.Of(disclosure, outcome.IsDiscrete(kept.Length, policy))))
            : [];
        return new Question(name, asked.Data.Version, asked.Query.Outcome, cohort.Subjects, answer.Rule, answer.Row, leaves) { Rho = answer.Rho, HasRow = !isPrivate, Clipped = answer.Clipped, Influence = answer.Influence };
    }
}
