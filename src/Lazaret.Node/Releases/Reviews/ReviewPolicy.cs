using Lazaret.Cohort;
using Lazaret.Disclosure;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Releases.Reviews;

/// <summary>Which results a steward must see, whatever the controls say. It looks at the request and the requester, never at data.</summary>
internal sealed class ReviewPolicy(DisclosureOptions options)
{
    public async Task<ReviewReason?> FindReasonAsync(LazaretDb db, DecisionRequest request, CancellationToken cancellationToken)
    {
        var (job, rules) = (request.Job, options.Review);
        if (rules.Projects.Contains("*") || (job.Project is { } project && rules.Projects.Contains(project)))
            return ReviewReason.Project;
        if (rules.Tasks.Contains(request.Task))
            return ReviewReason.Task;
        if (rules.Requesters.Contains(job.Requester))
            return ReviewReason.Requester;
        if (request.IsVisiting && rules.VisitingAnalyses)
            return ReviewReason.VisitingAnalysis;
        if (request.Task == AnalysisContract.OutcomeMap && rules.OutcomeMaps)
            return ReviewReason.OutcomeMap;
        var earlier = db.Jobs.AsNoTracking().Where(other => other.Kind == JobKind.Cohort && other.Requester == job.Requester);
        if (rules.FirstUse && !await earlier.AnyAsync(other => other.State == JobState.Done, cancellationToken))
            return ReviewReason.FirstUse;
        if (rules.BlocksInARow == 0 || !options.Has(DisclosureControlName.C9))
            return null;
        // An answer that was given before, and costs nothing, does not make good for refusals.
        var last = await earlier.Where(other => other.State == JobState.Blocked || (other.State == JobState.Done && db.Set<Release>().Any(release => release.JobId == other.Id)))
            .OrderByDescending(other => other.UpdatedAt).Select(other => other.State).Take(rules.BlocksInARow).ToListAsync(cancellationToken);
        return last.Count == rules.BlocksInARow && last.TrueForAll(state => state == JobState.Blocked) ? ReviewReason.BlocksInARow : null;
    }
}
