using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Fhir;
using Lazaret.Fhir.Answers;
using Lazaret.Node.Configuration;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;

namespace Lazaret.Node.Diagnoses;

/// <summary>The negotiation and the answer in FHIR's own words: Library/$evaluate, $data-requirements, the asynchronous pattern.</summary>
public static class FhirEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void MapFhir(this IEndpointRouteBuilder node)
    {
        var started = node.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow();
        var fhir = node.MapGroup("/fhir").WithTags("FHIR");
        fhir.MapGet("/metadata", (HttpRequest request, SiteOptions site) =>
                FhirAnswer.Resource(Capabilities.ToJson(site.Name, FhirAnswer.BaseOf(request), NodeVersion.Current, started)))
            .WithSummary("The CapabilityStatement")
            .ProducesResource(StatusCodes.Status200OK);
        fhir.MapGet("/Library/{key}", (string key, HttpRequest request, ModelRegistry registry, CancellationToken cancellationToken) =>
                DescribeAsync(key, request, registry, ModelLibrary.ToJson, cancellationToken))
            .WithSummary("A model as a Library")
            .ProducesResource(StatusCodes.Status200OK, StatusCodes.Status404NotFound);
        fhir.MapMethods("/Library/{key}/$data-requirements", [HttpMethods.Get, HttpMethods.Post],
                (string key, HttpRequest request, ModelRegistry registry, CancellationToken cancellationToken) =>
                DescribeAsync(key, request, registry, ModelLibrary.DataRequirements, cancellationToken))
            .WithSummary("What a model needs")
            .ProducesResource(StatusCodes.Status200OK, StatusCodes.Status404NotFound);
        fhir.MapPost("/Library/{key}/$evaluate", EvaluateAsync)
            .WithSummary("Put a bundle to a model: a GuidanceResponse")
            .WithDescription("The body is a Bundle, or Parameters with one parameter 'data' that holds it. Prefer: respond-async follows the FHIR asynchronous pattern.")
            .TakesIdempotencyKey()
            .Accepts<JsonObject>(FhirAnswer.MediaType, "application/json")
            .ProducesResource(
                StatusCodes.Status200OK,
                StatusCodes.Status202Accepted,
                StatusCodes.Status400BadRequest,
                StatusCodes.Status404NotFound,
                StatusCodes.Status408RequestTimeout,
                StatusCodes.Status413PayloadTooLarge,
                StatusCodes.Status415UnsupportedMediaType,
                StatusCodes.Status422UnprocessableEntity,
                StatusCodes.Status429TooManyRequests,
                StatusCodes.Status503ServiceUnavailable);
        fhir.MapGet("/GuidanceResponse/{id:guid}", ShowAsync)
            .WithSummary("The answer to an evaluation")
            .ProducesResource(StatusCodes.Status200OK, StatusCodes.Status404NotFound);
        fhir.MapGet("/$status/{id:guid}", StatusAsync)
            .WithSummary("How an asynchronous evaluation stands")
            .Produces<JsonObject>()
            .Produces(StatusCodes.Status202Accepted)
            .ProducesResource(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> DescribeAsync(
        string key, HttpRequest request, ModelRegistry registry, Func<ModelDescription, byte[]> write, CancellationToken cancellationToken) =>
        await registry.FindBestAsync(key, cancellationToken) is { } model
            ? FhirAnswer.Resource(write(FhirAnswer.Describe(model, request)))
            : FhirAnswer.NoSuchModel();

    private static async Task<IResult> EvaluateAsync(
        string key,
        HttpRequest request,
        DiagnosisAdmission admission,
        DiagnosisOptions options,
        FhirOptions fhir,
        RequestBodies bodies,
        ModelRegistry registry,
        JobResults results,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        DiagnosisDecision decision;
        // The body's memory is given back before the result is waited for.
        using (var body = bodies.Open(request, options.MaxRequest, cancellationToken))
            decision = await DecideAsync(key, body, IdempotencyKey.Of(request), admission, fhir, () => fhir.Budget(time, cancellationToken), cancellationToken);
        switch (decision)
        {
            case DiagnosisDecision.DataRequired required:
                return FhirAnswer.Resource(
                    new GuidanceResponse(FhirAnswer.Describe(required.Model, request), Guid.CreateVersion7(time.GetUtcNow()), time.GetUtcNow(), Subject: null) { Warnings = FhirAnswer.FirstOf(required.Warnings) }
                        .NotYet(required.Negotiation));
            case DiagnosisDecision.Accepted accepted when request.Headers["Prefer"].Any(value => value?.Contains("respond-async", StringComparison.OrdinalIgnoreCase) == true):
                request.HttpContext.Response.Headers.ContentLocation = $"{FhirAnswer.BaseOf(request)}/$status/{accepted.Job.Id}";
                return FhirAnswer.Resource(OperationOutcome.ToJson(FhirAnswer.FirstOf(accepted.Warnings)), StatusCodes.Status202Accepted);
            case DiagnosisDecision.Accepted accepted:
                var job = await results.WaitAsync(accepted.Job, Patience, cancellationToken);
                return await GuideAsync(job, request, registry, accepted.Warnings, cancellationToken);
            default:
                return FhirAnswer.Refusal(decision);
        }
    }

    private static async Task<DiagnosisDecision> DecideAsync(
        string key, IncomingBody body, string? idempotencyKey, DiagnosisAdmission admission, FhirOptions fhir, Func<FhirBudget> start, CancellationToken cancellationToken)
    {
        switch (await body.ReadAsync())
        {
            case BodyReading.Whole whole:
                var budget = start();
                return ReadBundle(whole.Bytes, budget, fhir.Scope(), out var issues) is { } bundle
                    ? await admission.DecideAsync(new DiagnosisEnvelope("fhir", key, bundle) { Budget = budget }, idempotencyKey, dryRun: false, Requester.Local, cancellationToken)
                    : await admission.RefuseAsync(issues, Requester.Local, cancellationToken);
            case BodyReading.Refused refused:
                return await admission.RefuseAsync(refused.Refusal, Requester.Local, cancellationToken);
            case var reading:
                throw new InvalidOperationException($"unknown reading {reading.GetType().Name}");
        }
    }

    private static async Task<IResult> ShowAsync(
        Guid id, HttpRequest request, ModelRegistry registry, JobResults results, CancellationToken cancellationToken) =>
        await results.FindAsync(id, JobKind.Diagnosis, Requester.Local.Name, cancellationToken) is { } job
            ? await GuideAsync(job, request, registry, [], cancellationToken)
            : FhirAnswer.Outcome(StatusCodes.Status404NotFound, "not-found", "There is no such evaluation.");

    // http://hl7.org/fhir/R4/async.html: 202 while it goes on, then 200 and a manifest of the results.
    private static async Task<IResult> StatusAsync(Guid id, HttpRequest request, JobResults results, CancellationToken cancellationToken)
    {
        if (await results.FindAsync(id, JobKind.Diagnosis, Requester.Local.Name, cancellationToken) is not { Job: var job })
            return FhirAnswer.Outcome(StatusCodes.Status404NotFound, "not-found", "There is no such evaluation.");
        if (!job.IsOver)
        {
            request.HttpContext.Response.Headers["X-Progress"] = job.State.ToString();
            request.HttpContext.Response.Headers.RetryAfter = "1";
            return Results.StatusCode(StatusCodes.Status202Accepted);
        }

        return Results.Json(new JsonObject
        {
            ["transactionTime"] = job.UpdatedAt,
            ["request"] = $"{FhirAnswer.BaseOf(request)}/Library/{DiagnosisRequest.Read(job.Request).Model}/$evaluate",
            ["requiresAccessToken"] = false,
            ["output"] = new JsonArray(new JsonObject { ["type"] = "GuidanceResponse", ["url"] = $"{FhirAnswer.BaseOf(request)}/GuidanceResponse/{id}" }),
            ["error"] = new JsonArray(),
        });
    }

    private static async Task<IResult> GuideAsync(
        JobWithResult job, HttpRequest request, ModelRegistry registry, IReadOnlyList<FhirIssue> warnings, CancellationToken cancellationToken)
    {
        var asked = DiagnosisRequest.Read(job.Job.Request);
        if (await registry.FindAsync(asked.Model, asked.Version, cancellationToken) is not { } model)
            return FhirAnswer.NoSuchModel();
        var guidance = new GuidanceResponse(FhirAnswer.Describe(model, request), job.Job.Id, job.Job.UpdatedAt, Subject: null) { Warnings = FhirAnswer.FirstOf(warnings) };
        return FhirAnswer.Resource(job switch
        {
            { Output: { } output } => guidance.Success(output),
            { Job.IsOver: false } => guidance.InProgress(),
            _ => guidance.Failure(job.Why),
        });
    }

    // A Bundle as it is; of Parameters the resource of the one parameter 'data'. The bundle itself is judged by the admission.
    private static ReadOnlyMemory<byte>? ReadBundle(ReadOnlyMemory<byte> body, FhirBudget budget, FhirScope scope, out IReadOnlyList<FhirIssue> issues)
    {
        issues = [];
        if (!IsParameters(body))
            return body;
        var validation = FhirValidator.Validate(body, budget, scope);
        if (!validation.IsValid)
        {
            issues = validation.Issues;
            return null;
        }

        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = FhirValidator.MaxDepth });
        var data = document.RootElement.TryGetProperty("parameter", out var parameters)
            ? parameters.EnumerateArray().Where(parameter => parameter.TryGetProperty("name", out var name) && name.ValueEquals("data") && parameter.TryGetProperty("resource", out _)).ToList()
            : [];
        if (data is [var only])
            return JsonSerializer.SerializeToUtf8Bytes(only.GetProperty("resource"));
        issues = [new FhirIssue(IssueSeverity.Error, "required", "Parameters.parameter", "there must be one parameter 'data' with the bundle as its resource")];
        return null;
    }

    private static bool IsParameters(ReadOnlyMemory<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body.Span);
            reader.Read();
            while (reader.TokenType == JsonTokenType.StartObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("resourceType"u8);
                reader.Read();
                if (isType)
                    return reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("Parameters");
                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The validator will say what is wrong with it. InvalidOperationException: half of a surrogate pair.
        }

        return false;
    }
}
