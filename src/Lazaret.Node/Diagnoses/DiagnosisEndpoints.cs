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
        diagnoses.MapDelete("/jobs/{id:guid}", CancelAsync)
            .WithSummary("Withdraw a diagnosis job")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
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
            DiagnosisDecision.Accepted accepted => Results.Accepted($"/v1/jobs/{accepted.Job.Id}", await AnswerAsync(accepted, results, forecast, cancellationToken)),
            DiagnosisDecision.Sufficient sufficient => Results.Json(BundleWarning.AddTo(
                new JsonObject
                {
                    ["verdict"] = sufficient.Negotiation.Verdict,
                    ["model"] = NameModel(sufficient.Model),
                    ["used"] = JsonSerializer.SerializeToNode(sufficient.Basis.Used),
                    ["skipped"] = JsonSerializer.SerializeToNode(sufficient.Basis.Skipped),
                    ["missing_data"] = new JsonArray([.. sufficient.Negotiation.Missing.Select(Describe)]),
                },
                sufficient.Warnings)),
            DiagnosisDecision.DataRequired required => AskFor(required),
            DiagnosisDecision.Unusable unusable => Refuse(unusable),
            DiagnosisDecision.UnknownTarget unknown => Problems.Invalid(
                [RequestFault.NoSuch("target_diagnosis", "registered model", unknown.Known)], StatusCodes.Status400BadRequest),
            DiagnosisDecision.InvalidBundle invalid => Problems.Of(
                StatusCodes.Status422UnprocessableEntity,
                "invalid-fhir",
                "The bundle is not valid FHIR R4",
                $"{invalid.Issues.Count} issues; see outcome",
                new() { ["verdict"] = "refused", ["cause"] = MissReason.Of(MissCause.InvalidBundle).Name, ["outcome"] = JsonDocument.Parse(OperationOutcome.ToJson(FhirAnswer.FirstOf(invalid.Issues))).RootElement }),
            DiagnosisDecision.BadBody bad => bad.Refusal.ToProblem(),
            DiagnosisDecision.QueueFull => Problems.QueueFull(),
            DiagnosisDecision.NoKeys => Problems.Unavailable(KeyGuard.NoKeys),
            DiagnosisDecision.Refused refused => Problems.Invalid(refused.Faults),
            _ => throw new InvalidOperationException($"unknown decision {decision.GetType().Name}"),
        };
    }

    // A request that is repeated under its key may find its job over: then there is nothing to wait for, and perhaps a result.
    // A request that is repeated finds its job as it stands by now.
    private static async Task<DiagnosisAnswer> AnswerAsync(DiagnosisDecision.Accepted accepted, JobResults results, RunForecast forecast, CancellationToken cancellationToken)
    {
        var job = accepted.Job;
        return job.IsOver && await results.FindAsync(job.Id, job.Kind, job.Requester, cancellationToken) is { } found
            ? DiagnosisAnswer.Of(found)
            : DiagnosisAnswer.Of(job, null, accepted.Basis) with { EtaSeconds = await forecast.SecondsAsync(cancellationToken) };
    }

    private static async Task<IResult> ShowAsync(Guid id, JobResults results, CancellationToken cancellationToken) =>
        await results.FindAsync(id, JobKind.Diagnosis, Requester.Local.Name, cancellationToken) switch
        {
            null => Problems.NotFound("job"),
            { HasExpired: true } => Problems.Expired(),
            var found => Results.Json(DiagnosisAnswer.Of(found)),
        };

    private static async Task<IResult> CancelAsync(Guid id, JobQueue queue, CancellationToken cancellationToken) =>
        await queue.CancelAsync(id, JobKind.Diagnosis, Requester.Local.Name, cancellationToken) switch
        {
            null => Problems.NotFound("job"),
            { State: JobState.Cancelled } => Results.NoContent(),
            var job => Problems.Conflict($"The job is {job.State} already."),
        };

    private static IResult AskFor(DiagnosisDecision.DataRequired required)
    {
        var missing = required.Negotiation.Missing;
        var mandatory = missing.Where(item => item.Requirement.Mandatory).ToList();
        var detail = $"The model needs {string.Join(", ", mandatory.Select(item => $"{item.Requirement.Title} ({item.Requirement.Code})"))}.";
        var members = new Dictionary<string, object?>
        {
            ["code"] = "NEGOTIATION_REQUIRED",
            ["verdict"] = required.Negotiation.Verdict,
            ["cause"] = mandatory[0].Reason.Name,
            ["model"] = NameModel(required.Model),
            ["missing_data"] = new JsonArray([.. missing.Select(Describe)]),
            ["skipped"] = JsonSerializer.SerializeToNode(required.Basis.Skipped),
            ["unread"] = JsonSerializer.SerializeToNode(required.Negotiation.Unread),
            ["versions"] = new JsonArray([.. required.Versions.Select(version => (JsonNode)new JsonObject
            {
                ["version"] = version.Model.Manifest.Version.ToString(),
                ["accuracy"] = version.Model.Manifest.Accuracy,
                ["missing"] = new JsonArray([.. version.Negotiation.Missing.Where(item => item.Requirement.Mandatory).Select(item => (JsonNode)item.Requirement.Code)]),
            })]),
        };
        if (BundleWarning.Of(required.Warnings) is { } warnings)
            members["warnings"] = warnings;
        return Problems.Of(StatusCodes.Status409Conflict, "negotiation-required", "The model needs more data", detail, members);
    }

    // What no answer of a person can mend is no question.
    private static IResult Refuse(DiagnosisDecision.Unusable unusable) => Problems.Of(
        StatusCodes.Status422UnprocessableEntity,
        "unusable-bundle",
        "The bundle cannot be used",
        $"{unusable.Refusal.Place}: {unusable.Refusal.Words}.",
        new()
        {
            ["verdict"] = "refused",
            ["cause"] = unusable.Refusal.Cause,
            ["place"] = unusable.Refusal.Place,
            ["places"] = unusable.Refusal.Places,
            ["model"] = NameModel(unusable.Model),
        });

    private static JsonObject NameModel(Model model) =>
        new() { ["key"] = model.Manifest.Key, ["version"] = model.Manifest.Version.ToString() };

    private static JsonNode Describe(MissingItem item)
    {
        var description = RequirementJson.Describe(item.Requirement);
        description["reason"] = item.Reason.Reason;
        description["cause"] = item.Reason.Name;
        description["explanation"] = item.Explanation;
        description["ask"] = item.Ask;
        description["found"] = item.Found is { } found ? JsonSerializer.SerializeToNode(FoundDatum.Of(found)) : null;
        description["remedy"] = item.NeedsCorrection ? "correct" : "record";
        description["search"] = item.Search;
        return description;
    }
}
