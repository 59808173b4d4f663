using Lazaret.Cohort;
using Lazaret.Disclosure;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;

namespace Lazaret.Node.Cohorts;

/// <summary>Makes answers of what a sandbox scored, and hands them to the decision about what leaves.</summary>
internal sealed class CohortGate(ReleaseDecision decision, DisclosureOptions disclosure, TimeProvider time)
{
    /// <summary>
    /// After the run, the answer waits for this many times the run's duration. A decision about 32 maps on 4,000 people (1,280 voxels) takes nearly as long as its
    /// run, and longer on a busy machine.
    /// </summary>
    private const int Runs = 2;

    /// <summary>The longest such wait.</summary>
    internal static readonly TimeSpan MostTime = TimeSpan.FromSeconds(10);

    /// <param name="file">The scores.</param>
    /// <param name="asked">The question that was scored.</param>
    /// <param name="began">When the run did.</param>
    /// <param name="isSameData">Whether the data is still what was asked about; asked when the scores are about other rows, or a volume could not be used.</param>
    public RunReport Judge(ReadOnlyMemory<byte> file, AskedCohort asked, DateTimeOffset began, Func<bool> isSameData)
    {
        var now = time.GetUtcNow();
        var scored = ScoreFile.Read(file.Span, asked.Data.View, asked.Selection, asked.Columns);
        // A volume that went away while the analysis ran looks like one that cannot be used. The job waits for it, and no attempt counts.
        if ((scored is null || scored.Usable.Contains(false)) && !isSameData())
            return new RunReport.GivenBack();
        if (scored is null)
            return new RunReport.Failed(RunEnd.BadOutput, "the analysis did not answer with the scores of the cohort");

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
            HasOutcome = asked.Data.View.Outcomes.ContainsKey,
            Everybody = asked.Subjects.Everybody,
            NotBefore = now + TimeSpan.FromTicks(Math.Min(Runs * (now - began).Ticks, MostTime.Ticks)),
        };
        return new RunReport.Undecided((db, cancellationToken) => decision.DecideAsync(db, request, cancellationToken));
    }
}
