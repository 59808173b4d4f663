using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Fhir;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Keys;
using Lazaret.Node.Models;
using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;

namespace Lazaret.Node.Diagnoses;

/// <summary>Diagnosis jobs on HTTP. Somebody else's job is no job.</summary>
public static class DiagnosisEndpoints
{
    private const string DryRun = "dry_run";

    public static void MapDiagnoses(this IEndpointRouteBuilder node)
    {
        var diagnoses = node.MapGroup("/v1").WithTags("Diagnosis jobs");
        diagnoses.MapPost("/diagnose", AdmitAsync)
            .WithSummary("Put one patient's observations to the best model whose needs they meet")
            .WithDescription("Lacking data are answered by 409 with each observation to ask for; dry_run=true answers the same without making a job.")
            .TakesIdempotencyKey()
            .Accepts<DiagnosisBody>("application/json")
            .Produces<DryRunAnswer>()
            .Produces<DiagnosisAnswer>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status408RequestTimeout)
            .Produces<NegotiationProblem>(StatusCodes.Status409Conflict, "application/problem+json")
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .AddOpenApiOperationTransformer((operation, _, _) =>
            {
                // A text to the framework, for it would refuse another one without naming it.
                operation.Parameters!.OfType<OpenApiParameter>().Single(parameter => parameter.Name == DryRun).Schema = new OpenApiSchema { Type = JsonSchemaType.Boolean };
                return Task.CompletedTask;
            });
        diagnoses.MapGet("/jobs/{id:guid}", ShowAsync)
            .WithSummary("How a diagnosis job stands, and the model's answer when it is completed")
            .Produces<DiagnosisAnswer>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status410Gone);
    }

    private static async Task<IResult> AdmitAsync(
        HttpRequest request,
        [FromQuery(Name = DryRun)] string? dryRun,
        DiagnosisAdmission admission,
        DiagnosisOptions options,
        RequestBodies bodies,
        RunForecast forecast,
        JobResults results,
        CancellationToken cancellationToken)
    {
        var dry = false;
        if (dryRun is not null && !bool.TryParse(dryRun, out dry))
            return Problems.Invalid([new RequestFault(DryRun, "must be true or false", ["true", "false"])], StatusCodes.Status400BadRequest);
        using var body = bodies.Open(request, options.MaxRequest, cancellationToken);
        var decision = await body.ReadAsync() switch
        {
            BodyReading.Whole whole => await admission.DecideAsync(whole.Bytes, IdempotencyKey.Of(request), dry, Requester.Local, cancellationToken),
            BodyReading.Refused refused => await admission.RefuseAsync(refused.Refusal, Requester.Local, cancellationToken),
            var reading => throw new InvalidOperationException($"unknown reading {reading.GetType().Name}"),
        };
        return decision switch
        {
            DiagnosisDecision.Accepted accepted => Results.Accepted($"/v1/jobs/{accepted.Job.Id}", await AnswerAsync(accepted.Job, results, forecast, cancellationToken)),
            DiagnosisDecision.Sufficient sufficient => Results.Json(new JsonObject
            {
                ["verdict"] = sufficient.Negotiation.Verdict,
                ["model"] = NameModel(sufficient.Model),
                ["missing_data"] = new JsonArray([.. sufficient.Negotiation.Missing.Select(Describe)]),
            }),
            DiagnosisDecision.DataRequired required => AskFor(required),
            DiagnosisDecision.UnknownTarget unknown => Problems.Invalid(
                [RequestFault.NoSuch("target_diagnosis", "registered model", unknown.Known)], StatusCodes.Status400BadRequest),
            DiagnosisDecision.InvalidBundle invalid => Problems.Of(
                StatusCodes.Status422UnprocessableEntity,
                "invalid-fhir",
                "The bundle is not valid FHIR R4",
                $"{invalid.Issues.Count} issues; see outcome",
                new() { ["outcome"] = JsonDocument.Parse(OperationOutcome.ToJson(FhirAnswer.FirstOf(invalid.Issues))).RootElement }),
            DiagnosisDecision.BadBody bad => bad.Refusal.ToProblem(),
            DiagnosisDecision.QueueFull => Problems.QueueFull(),
            DiagnosisDecision.NoKeys => Problems.Unavailable(KeyGuard.NoKeys),
            DiagnosisDecision.Refused refused => Problems.Invalid(refused.Faults),
            _ => throw new InvalidOperationException($"unknown decision {decision.GetType().Name}"),
        };
    }

    // A request that is repeated under its key may find its job over: then there is nothing to wait for, and perhaps a result.
    private static async Task<DiagnosisAnswer> AnswerAsync(Job job, JobResults results, RunForecast forecast, CancellationToken cancellationToken) => job.IsOver
        ? DiagnosisAnswer.Of(job, (await results.FindAsync(job.Id, job.Kind, job.Requester, cancellationToken))?.Result)
        : DiagnosisAnswer.Of(job, null) with { EtaSeconds = await forecast.SecondsAsync(cancellationToken) };

    private static async Task<IResult> ShowAsync(Guid id, JobResults results, CancellationToken cancellationToken) =>
        await results.FindAsync(id, JobKind.Diagnosis, Requester.Local.Name, cancellationToken) switch
        {
            null => Problems.NotFound("job"),
            { HasExpired: true } => Problems.Expired(),
            var found => Results.Json(DiagnosisAnswer.Of(found.Job, found.Result)),
        };

    private static IResult AskFor(DiagnosisDecision.DataRequired required)
    {
        var missing = required.Negotiation.Missing;
        var detail = required.Negotiation is Negotiation.Refused refused
            ? $"The bundle cannot be used: {MissReason.Of(refused.Cause).Words}."
            : $"The model needs {string.Join(", ", missing.Where(item => item.Requirement.Mandatory).Select(item => $"{item.Requirement.Display ?? "the observation"} ({item.Requirement.Code})"))}.";
        return Problems.Of(StatusCodes.Status409Conflict, "negotiation-required", "The model needs more data", detail, new()
        {
            ["code"] = "NEGOTIATION_REQUIRED",
            ["model"] = NameModel(required.Model),
            ["missing_data"] = new JsonArray([.. missing.Select(Describe)]),
        });
    }

    private static JsonObject NameModel(Model model) =>
        new() { ["key"] = model.Manifest.Key, ["version"] = model.Manifest.Version.ToString() };

    private static JsonNode Describe(MissingItem item)
    {
        var description = RequirementJson.Describe(item.Requirement);
        description["reason"] = item.Reason.Reason;
        description["explanation"] = item.Reason.Words;
        description["search"] = item.Search;
        return description;
    }
}
