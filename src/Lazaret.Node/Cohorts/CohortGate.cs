using Lazaret.Cohort;
using Lazaret.Disclosure;
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
        if (ScoreFile.Read(file.Span, asked.Data.View, asked.Selection, asked.Columns) is not { } scored)
        {
            return isSameData()
                ? new RunReport.Failed(RunEnd.BadOutput, "the analysis did not answer with the scores of the cohort")
                : new RunReport.HostFault("the data changed while the analysis ran");
        }

        var policy = disclosure.PolicyOf(asked.Project);
        var outcome = new AskedOutcome(asked, disclosure.Has(DisclosureControlName.Families));
        var questions = new CohortQuestions(asked, outcome, scored, policy, disclosure).Judge();
        var fewest = questions.Min(question => question.Subjects.Count);
        var request = new DecisionRequest
        {
            Job = asked.Job,
            Task = asked.Request.Task,
            Policy = policy,
            Questions = questions,
            Told = outcome.Told,
            // In a smaller cohort an outcome may have fewer values than over the site.
            IsDiscrete = name => outcome.IsDiscrete(name, fewest, policy) || questions.Any(question => question.Discrete.Contains(name)),
            Everybody = asked.Subjects.Everybody,
        };
        return new RunReport.Undecided((db, cancellationToken) => decision.DecideAsync(db, request, cancellationToken));
    }
}
