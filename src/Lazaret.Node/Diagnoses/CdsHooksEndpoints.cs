using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Fhir.Answers;
using Lazaret.Node.Http;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;

namespace Lazaret.Node.Diagnoses;

/// <summary>CDS Hooks 2.0: every registered model is a service, whose prefetch templates come from its manifest.</summary>
public static class CdsHooksEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 128, AllowDuplicateProperties = false };

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
            return FhirAnswer.NoSuchModel();
        DiagnosisDecision? decision;
        IResult? refusal;
        // The body's memory is given back before the result is waited for.
        using (var body = bodies.Open(request, options.MaxRequest, cancellationToken))
            (decision, refusal) = await DecideAsync(key, body, admission, cancellationToken);
        switch (decision)
        {
            case null:
                return refusal!;
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

    private static async Task<(DiagnosisDecision? Decision, IResult? Refusal)> DecideAsync(
        string key, IncomingBody body, DiagnosisAdmission admission, CancellationToken cancellationToken)
    {
        switch (await body.ReadAsync())
        {
            case BodyReading.Whole whole:
                return ReadBundle(whole.Bytes, out var refusal) is { } bundle
                    ? (await admission.DecideAsync(new DiagnosisEnvelope("cds-hooks", key, bundle), idempotencyKey: null, dryRun: false, Requester.Local, cancellationToken), null)
                    : (null, refusal);
            case BodyReading.Refused refused:
                return (await admission.RefuseAsync(refused.Refusal, Requester.Local, cancellationToken), null);
            case var reading:
                throw new InvalidOperationException($"unknown reading {reading.GetType().Name}");
        }
    }

    private static byte[]? ReadBundle(ReadOnlyMemory<byte> body, out IResult? refusal)
    {
        refusal = null;
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            var root = document.RootElement;
            if (IsRequest(root, out var patient))
            {
                if (!root.TryGetProperty("prefetch", out var prefetch) || prefetch.ValueKind != JsonValueKind.Object)
                    refusal = FhirAnswer.Outcome(StatusCodes.Status412PreconditionFailed, "required", "there is no prefetch, and this node does not call the client's FHIR server");
                else if (IsOfAnother(prefetch, patient))
                    refusal = FhirAnswer.Outcome(StatusCodes.Status412PreconditionFailed, "required", "prefetch 'patient': is not the patient of the context");
                return refusal is null ? CdsHooks.ToBundle(prefetch) : null;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // Said below; the reader's own words could quote the body. The latter two: half of a surrogate pair.
        }

        refusal = FhirAnswer.Outcome(
            StatusCodes.Status400BadRequest, "structure", "the body must be a CDS Hooks request: a JSON object with hook, hookInstance, context.patientId and prefetch");
        return null;
    }

    private static bool IsRequest(JsonElement root, out string patient)
    {
        patient = "";
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("hook", out var hook) || hook.ValueKind != JsonValueKind.String
            || !root.TryGetProperty("hookInstance", out var instance) || instance.ValueKind != JsonValueKind.String
            || !root.TryGetProperty("context", out var context) || context.ValueKind != JsonValueKind.Object
            || !context.TryGetProperty("patientId", out var id) || id.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        patient = id.GetString()!;
        return patient.Length > 0;
    }

    // Some clients send Patient/p where the specification says p.
    private static bool IsOfAnother(JsonElement prefetch, string patient) =>
        prefetch.TryGetProperty("patient", out var resource) && resource.ValueKind == JsonValueKind.Object
        && resource.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
        && id.GetString() != patient && $"Patient/{id.GetString()}" != patient;
}
