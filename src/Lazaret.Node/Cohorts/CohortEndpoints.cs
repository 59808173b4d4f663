using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Configuration;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;

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
            .Accepts<CohortFormBody>("multipart/form-data")
            .Produces<CohortAdmitted>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status408RequestTimeout)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .DisableAntiforgery();
        jobs.MapGet("/{id:guid}", ShowAsync)
            .WithSummary("How a cohort job stands, and its n, R and p when it is done")
            .Produces<CohortAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status410Gone);
        jobs.MapDelete("/{id:guid}", CancelAsync)
            .WithSummary("Withdraw a cohort job")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> AdmitAsync(HttpRequest request, CohortAdmission admission, CancellationToken cancellationToken)
    {
        var decision = await admission.DecideAsync(request, Requester.Local, cancellationToken);
        return decision switch
        {
            CohortDecision.Accepted accepted => Results.Accepted($"/jobs/{accepted.Job.Id}", new CohortAdmitted(accepted.Job.Id, CohortAnswer.StatusOf(accepted.Job.State))),
            CohortDecision.Refused refused => Problems.Invalid(refused.Faults),
            CohortDecision.QueueFull => Problems.QueueFull(),
            CohortDecision.NoData => Problems.Unavailable(CohortSite.NoData),
            CohortDecision.NoKeys => Problems.Unavailable(KeyGuard.NoKeys),
            CohortDecision.BadBody bad => bad.Refusal.ToProblem(),
            _ => throw new InvalidOperationException($"unknown decision {decision.GetType().Name}"),
        };
    }

    private static async Task<IResult> ShowAsync(Guid id, JobResults results, SiteOptions site, CancellationToken cancellationToken) =>
        await results.FindAsync(id, JobKind.Cohort, Requester.Local.Name, cancellationToken) switch
        {
            null => Problems.NotFound("job"),
            { HasExpired: true } => Problems.Expired(),
            var found => Results.Json(CohortAnswer.Of(found.Job, found.Result, site.Name)),
        };

    private static async Task<IResult> CancelAsync(Guid id, JobQueue queue, CancellationToken cancellationToken) =>
        await queue.CancelAsync(id, JobKind.Cohort, Requester.Local.Name, cancellationToken) switch
        {
            null => Problems.NotFound("job"),
            { State: JobState.Cancelled } => Results.NoContent(),
            var job => Problems.Conflict($"The job is {job.State} already."),
        };
}
