using System.Text.Json.Nodes;
using Lazaret.Fhir.Answers;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;

namespace Lazaret.Node.Diagnoses;

/// <summary>CDS Hooks 2.0: every registered model is a service, whose prefetch templates come from its manifest.</summary>
public static class CdsHooksEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void MapCdsHooks(this IEndpointRouteBuilder node)
    {
        var services = node.MapGroup("/cds-services").WithTags("CDS Hooks");
        services.MapGet("", async (HttpRequest request, ModelRegistry registry, CancellationToken cancellationToken) =>
            {
                var best = (await registry.ListAsync(cancellationToken)).DistinctBy(model => model.Manifest.Key);
                return Results.Text(CdsHooks.Discovery(best.Select(model => FhirAnswer.Describe(model, request))), "application/json");
            })
            .WithSummary("The models as services")
            .Produces<JsonObject>();
        services.MapPost("/{key}", CallAsync)
            .WithSummary("Call a model as a service")
            .WithDescription("Missing prefetch is answered by 412 with an OperationOutcome that names it.")
            .Accepts<JsonObject>("application/json")
            .Produces<JsonObject>()
            .ProducesResource(
                StatusCodes.Status400BadRequest,
                StatusCodes.Status404NotFound,
                StatusCodes.Status408RequestTimeout,
                StatusCodes.Status412PreconditionFailed,
                StatusCodes.Status413PayloadTooLarge,
                StatusCodes.Status415UnsupportedMediaType,
                StatusCodes.Status422UnprocessableEntity,
                StatusCodes.Status429TooManyRequests,
                StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> CallAsync(
        string key,
        HttpRequest request,
        DiagnosisAdmission admission,
        DiagnosisOptions options,
        RequestBodies bodies,
        ModelRegistry registry,
        JobResults results,
        CancellationToken cancellationToken)
    {
        if (await registry.FindBestAsync(key, cancellationToken) is not { } model)
            return FhirAnswer.Refusal(await admission.RefuseAsync(new DiagnosisDecision.UnknownTarget([]), Requester.Local, cancellationToken));
        DiagnosisDecision decision;
        // The body's memory is given back before the result is waited for.
        using (var body = bodies.Open(request, options.MaxRequest, cancellationToken))
            decision = await DecideAsync(key, body, admission, cancellationToken);
        switch (decision)
        {
            case DiagnosisDecision.DataRequired required:
                return FhirAnswer.Outcome(
                    StatusCodes.Status412PreconditionFailed,
                    [.. required.Negotiation.Missing.Where(item => item.Requirement.Mandatory)
                        .Select(item => item.ToIssue() with { Diagnostics = $"prefetch '{item.Requirement.Code}': {item.Reason.Words}" })]);
            case DiagnosisDecision.Accepted accepted:
                var job = await results.WaitAsync(accepted.Job, Patience, cancellationToken);
                var description = FhirAnswer.Describe(await registry.FindAsync(key, DiagnosisRequest.Read(job.Job.Request).Version, cancellationToken) ?? model, request);
                return Results.Text(
                    job.Output is { } output ? CdsHooks.Card(description, output) : CdsHooks.PendingCard(description, job.Job.IsOver ? job.Why : $"is still at work: see /v1/jobs/{job.Job.Id}"),
                    "application/json");
            default:
                return FhirAnswer.Refusal(decision);
        }
    }

    private static async Task<DiagnosisDecision> DecideAsync(
        string key, IncomingBody body, DiagnosisAdmission admission, CancellationToken cancellationToken)
    {
        switch (await body.ReadAsync())
        {
            case BodyReading.Whole whole:
                var call = CdsRequest.Read(whole.Bytes);
                return FaultOf(call) is { } fault
                    ? await admission.RefuseAsync(fault, Requester.Local, cancellationToken)
                    : await admission.DecideAsync(new DiagnosisEnvelope("cds-hooks", key, call!.ToBundle()), idempotencyKey: null, dryRun: false, Requester.Local, cancellationToken);
            case BodyReading.Refused refused:
                return await admission.RefuseAsync(refused.Refusal, Requester.Local, cancellationToken);
            case var reading:
                throw new InvalidOperationException($"unknown reading {reading.GetType().Name}");
        }
    }

    private static DiagnosisDecision.BadCall? FaultOf(CdsRequest? call) => call switch
    {
        null => new(StatusCodes.Status400BadRequest, "structure", "the body must be a CDS Hooks request: a JSON object with hook, hookInstance, context.patientId and prefetch"),
        { HasPrefetch: false } => new(StatusCodes.Status412PreconditionFailed, "required", "there is no prefetch, and this node does not call the client's FHIR server"),
        { IsOfAnother: true } => new(StatusCodes.Status412PreconditionFailed, "required", "prefetch 'patient': is not the patient of the context"),
        _ => null,
    };
}
