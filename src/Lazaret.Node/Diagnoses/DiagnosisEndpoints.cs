using Lazaret.Node.Diagnoses.Answers;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Projects;
using Lazaret.Node.Receipts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Lazaret.Node.Diagnoses;

/// <summary>Diagnosis jobs on HTTP. Somebody else's job is no job.</summary>
internal static class DiagnosisEndpoints
{
    private const string DryRun = "dry_run";

    public static void MapDiagnoses(this IEndpointRouteBuilder node)
    {
        var diagnoses = node.MapGroup("/v1").WithTags("Diagnosis jobs");
        diagnoses.MapPost("/diagnose", AdmitAsync)
            .WithSummary("Put one patient's observations to the best model whose needs they meet")
            .WithDescription("Lacking data are answered by 409 with each observation to ask for; dry_run=true answers the same without making a job.")
            .TakesIdempotencyKey()
            .TakesProject()
            .Accepts<DiagnosisBody>("application/json")
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                // A text to the framework, for it would refuse another one without naming it.
                operation.Parameters!.OfType<OpenApiParameter>().Single(parameter => parameter.Name == DryRun).Schema = new OpenApiSchema { Type = JsonSchemaType.Boolean };
                return Task.CompletedTask;
            });
        diagnoses.MapGet("/jobs/{id:guid}", ShowAsync).WithSummary("How a diagnosis job stands, and the model's answer when it is completed");
        diagnoses.MapGet("/jobs/{id:guid}/receipt", JobReceipts.ShowAsync<DiagnosisReceipts>).WithSummary("The signed receipt of a diagnosis");
        diagnoses.MapDelete("/jobs/{id:guid}", CancelAsync).WithSummary("Withdraw a diagnosis job");
    }

    private static async Task<Results<Ok<DryRunAnswer>, Accepted<DiagnosisAnswer>, NegotiationRequired, RefusedRequest<InvalidDiagnosis>>> AdmitAsync(
        HttpRequest request,
        Requester requester,
        [FromQuery(Name = DryRun)] string? dryRun,
        ProjectGate projects,
        DiagnosisAdmission admission,
        DiagnosisOptions options,
        RequestBodies bodies,
        RunForecast forecast,
        JobResults results,
        CancellationToken cancellationToken)
    {
        var unknown = request.Query.Keys.Where(name => !name.Equals(DryRun, StringComparison.OrdinalIgnoreCase)).ToList();
        if (unknown.Count > 0)
            return Refuse(Problems.Invalid([.. unknown.Select(name => RequestFault.NoSuch(name, "query parameter", [DryRun]))], StatusCodes.Status400BadRequest));
        var dry = false;
        if (dryRun is not null && !bool.TryParse(dryRun, out dry))
            return Refuse(Problems.Invalid([new RequestFault(DryRun, "must be true or false", ["true", "false"])], StatusCodes.Status400BadRequest));
        using var body = bodies.Open(request, options.MaxRequest, cancellationToken);
        var decision = await projects.ChooseAsync(request, requester, cancellationToken) switch
        {
            ProjectChoice.Refused outside => await admission.RefuseAsync(outside.Refusal, requester, cancellationToken),
            ProjectChoice.Chosen { Project: var project } => await body.ReadAsync() switch
            {
                BodyReading.Whole whole => await admission.DecideAsync(whole.Bytes, IdempotencyKey.Of(request), dry, requester, project, cancellationToken),
                BodyReading.Refused refused => await admission.RefuseAsync(refused.Refusal, requester, cancellationToken),
                var reading => throw new InvalidOperationException($"unknown reading {reading.GetType().Name}"),
            },
            var choice => throw new InvalidOperationException($"unknown choice {choice.GetType().Name}"),
        };
        return decision switch
        {
            DiagnosisDecision.Accepted accepted => TypedResults.Accepted($"/v1/jobs/{accepted.Job.Id}", await AnswerAsync(accepted, results, forecast, cancellationToken)),
            DiagnosisDecision.Sufficient sufficient => TypedResults.Ok(DryRunAnswer.Of(sufficient)),
            DiagnosisDecision.DataRequired required => new NegotiationRequired(NegotiationProblem.Of(required)),
            DiagnosisDecision.Unusable unusable => Refuse(InvalidDiagnosis.Of(unusable.Model, unusable.Refusal)),
            DiagnosisDecision.UnknownTarget target => Refuse(Problems.Invalid(
                [RequestFault.NoSuch("target_diagnosis", "registered model", target.Known)], StatusCodes.Status400BadRequest)),
            DiagnosisDecision.InvalidBundle invalid => Refuse(InvalidDiagnosis.Of(invalid.Issues)),
            DiagnosisDecision.Forbidden forbidden => Refuse(forbidden.Refusal.ToProblem()),
            DiagnosisDecision.QuotaSpent { Spent: var spent } => new RefusedRequest<InvalidDiagnosis>(Problems.QuotaSpent(spent.Words), spent.After),
            DiagnosisDecision.BadBody bad => Refuse(bad.Refusal.ToProblem()),
            DiagnosisDecision.QueueFull => Refuse(Problems.QueueFull()),
            DiagnosisDecision.NoKeys => Refuse(Problems.NeedsOperator(KeyGuard.NoKeys)),
            DiagnosisDecision.NoImage away => Refuse(Problems.NeedsOperator(away.Words)),
            DiagnosisDecision.Busy => Refuse(Problems.Busy(FhirJudging.Busy)),
            DiagnosisDecision.Refused refused => Refuse(Problems.Invalid(refused.Faults)),
            _ => throw new InvalidOperationException($"unknown decision {decision.GetType().Name}"),
        };

        static RefusedRequest<InvalidDiagnosis> Refuse(ProblemDetails document) => new(document);
    }

    // A request that is repeated under its key finds its job as it is now. The job may be over: then there is nothing to wait for, and perhaps a result.
    private static async Task<DiagnosisAnswer> AnswerAsync(DiagnosisDecision.Accepted accepted, JobResults results, RunForecast forecast, CancellationToken cancellationToken)
    {
        var job = accepted.Job;
        return job.IsOver && await results.FindAsync(job.Id, job.Kind, job.Requester, cancellationToken) is { } found
            ? DiagnosisAnswer.Of(found)
            : DiagnosisAnswer.Of(job, null, accepted.Basis) with { EtaSeconds = await forecast.SecondsAsync(cancellationToken) };
    }

    private static async Task<Results<Ok<DiagnosisAnswer>, Problem.NotFound, Problem.Expired>> ShowAsync(
        Guid id, Requester requester, JobResults results, CancellationToken cancellationToken) =>
        await results.ShowAsync(id, JobKind.Diagnosis, requester, cancellationToken) switch
        {
            null => new Problem.NotFound("job"),
            { HasExpired: true } => new Problem.Expired(),
            var found => TypedResults.Ok(DiagnosisAnswer.Of(found)),
        };

    private static async Task<Results<NoContent, Problem.NotFound, Problem.Conflict>> CancelAsync(
        Guid id, Requester requester, JobQueue queue, CancellationToken cancellationToken) =>
        await queue.CancelAsync(id, JobKind.Diagnosis, requester.Name, cancellationToken) switch
        {
            null => new Problem.NotFound("job"),
            { State: JobState.Cancelled } => TypedResults.NoContent(),
            var job => new Problem.Conflict($"The job is {DiagnosisStatus.Of(job.State)} already."),
        };
}
