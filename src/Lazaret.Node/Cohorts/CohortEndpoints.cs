using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Cohorts.Forms;
using Lazaret.Node.Cohorts.Receipts;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Projects;
using Lazaret.Node.Receipts;
using Lazaret.Node.Releases.Reviews;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.Cohorts;

/// <summary>Cohort jobs on HTTP. Somebody else's job is no job.</summary>
internal static class CohortEndpoints
{
    public static void MapCohortJobs(this IEndpointRouteBuilder node)
    {
        var jobs = node.MapGroup("/jobs").WithTags("Cohort jobs");
        jobs.MapPost("", AdmitAsync)
            .WithSummary("Score a map against every subject, and correlate the score with an outcome")
            .TakesIdempotencyKey()
            .TakesProject()
            .Accepts<CohortFormBody>("multipart/form-data")
            .DisableAntiforgery();
        jobs.MapGet("/{id:guid}", ShowAsync).WithSummary("How a cohort job stands, and its n, R and p when it is done");
        jobs.MapGet("/{id:guid}/receipt", JobReceipts.ShowAsync<CohortReceipts>).WithSummary("The signed receipt of a cohort job's release");
        jobs.MapGet("/{id:guid}/events", CohortEvents.ShowAsync)
            .WithSummary("How a cohort job stands, as server-sent events until it is over")
            .WithDescription("An event whenever its status changes, and now and then in between. The stream may end before the job is over: come again, as an EventSource does.");
        jobs.MapDelete("/{id:guid}", CancelAsync).WithSummary("Withdraw a cohort job");
    }

    private static async Task<Results<Accepted<CohortAdmitted>, Problem.NotFound, RefusedRequest<InvalidRequest>>> AdmitAsync(
        HttpRequest request, Requester requester, CohortAdmission admission, TimeProvider time, CancellationToken cancellationToken)
    {
        var decision = await admission.DecideAsync(request, requester, cancellationToken);
        if (decision is CohortDecision.Accepted { Job: var job })
            return TypedResults.Accepted($"/jobs/{job.Id}", new CohortAdmitted(job.Id, CohortAnswer.StatusOf(job.IsPublished(time.GetUtcNow()) ? job.State : JobState.Running)));
        if (decision is CohortDecision.NoCohort)
            return new Problem.NotFound(Problems.NotFound(CohortSite.NoCohort));
        if (decision is CohortDecision.QuotaSpent { Spent: var spent })
            return new RefusedRequest<InvalidRequest>(Problems.QuotaSpent(spent.Words), spent.After);
        return new RefusedRequest<InvalidRequest>(decision switch
        {
            CohortDecision.Forbidden forbidden => forbidden.Refusal.ToProblem(),
            CohortDecision.Refused refused => Problems.Invalid(refused.Faults),
            CohortDecision.QueueFull => Problems.QueueFull(),
            CohortDecision.NoData => Problems.Unavailable(CohortSite.NoData),
            CohortDecision.NoKeys => Problems.NeedsOperator(KeyGuard.NoKeys),
            CohortDecision.BadBody bad => bad.Refusal.ToProblem(),
            _ => throw new InvalidOperationException($"unknown decision {decision.GetType().Name}"),
        });
    }

    private static async Task<Results<Ok<CohortAnswer>, Problem.NotFound, Problem.Expired>> ShowAsync(
        Guid id, Requester requester, JobResults results, ReviewDesk reviews, SiteOptions site, CancellationToken cancellationToken) =>
        await results.ShowAsync(id, JobKind.Cohort, requester, cancellationToken) switch
        {
            null => new Problem.NotFound("job"),
            { HasExpired: true } => new Problem.Expired(),
            { IsPublished: true, Job.State: not JobState.Held } found => TypedResults.Ok(CohortAnswer.Of(found, site.Name, note: null)),
            var found => TypedResults.Ok(CohortAnswer.Of(found, site.Name, await reviews.FindNoteAsync(found.Job, cancellationToken))),
        };

    private static async Task<Results<NoContent, Problem.NotFound, Problem.Conflict>> CancelAsync(Guid id, Requester requester, JobQueue queue, CancellationToken cancellationToken) =>
        await queue.CancelAsync(id, JobKind.Cohort, requester.Name, cancellationToken, HeldReleases.WithdrawAsync) switch
        {
            null => new Problem.NotFound("job"),
            { State: JobState.Cancelled } => TypedResults.NoContent(),
            var job => new Problem.Conflict($"The job is {CohortAnswer.StatusOf(job.State)} already."),
        };
}
