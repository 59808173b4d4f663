using Lazaret.Fhir;
using Lazaret.Fhir.Answers;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Configuration;
using Lazaret.Node.Diagnoses.Answers;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.Tokens.Smart;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;
using Lazaret.Node.Projects;

namespace Lazaret.Node.Diagnoses;

/// <summary>The negotiation and the answer in FHIR's own words: Library/$evaluate, $data-requirements, the asynchronous pattern.</summary>
public static class FhirEndpoints
{
    private const long MaxNeeds = 1 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How an operation that reads a body may refuse it.</summary>
    private static readonly int[] OfBodies =
    [
        StatusCodes.Status400BadRequest,
        StatusCodes.Status404NotFound,
        StatusCodes.Status408RequestTimeout,
        StatusCodes.Status413PayloadTooLarge,
        StatusCodes.Status415UnsupportedMediaType,
        StatusCodes.Status422UnprocessableEntity,
        StatusCodes.Status503ServiceUnavailable,
    ];

    public static void MapFhir(this IEndpointRouteBuilder node)
    {
        var started = node.ServiceProvider.GetRequiredService<TimeProvider>().GetUtcNow();
        var fhir = node.MapGroup("/fhir").WithTags("FHIR").StartWith(FhirFormat.RefuseOthersAsync);
        fhir.MapGet("/metadata", (HttpRequest request, SiteOptions site, AuthOptions auth) =>
                FhirAnswer.Resource(Capabilities.ToJson(site.Name, FhirAnswer.BaseOf(request), NodeVersion.Current, started, SmartEndpoints.TokenAddressOf(request, auth))))
            .WithSummary("The CapabilityStatement")
            .ProducesResource(StatusCodes.Status200OK);
        fhir.MapGet("/Library/{key}", (string key, HttpRequest request, ModelRegistry registry, CancellationToken cancellationToken) =>
                DescribeAsync(key, request, registry, ModelLibrary.ToJson, cancellationToken))
            .WithSummary("A model as a Library")
            .ProducesResource(StatusCodes.Status200OK, StatusCodes.Status404NotFound);
        fhir.MapMethods("/Library/{key}/$data-requirements", [HttpMethods.Get, HttpMethods.Post], DescribeNeedsAsync)
            .WithSummary("What a model needs")
            .ProducesResource([StatusCodes.Status200OK, .. OfBodies]);
        fhir.MapPost("/Library/{key}/$evaluate", EvaluateAsync)
            .WithSummary("Put a bundle to a model: a GuidanceResponse")
            .WithDescription("The body is a Bundle, or Parameters with 'data' that holds it and perhaps 'subject'. Prefer: respond-async follows the FHIR asynchronous pattern.")
            .TakesIdempotencyKey()
            .TakesProject()
            .Accepts<FhirResource>(FhirAnswer.MediaType, "application/json")
            .ProducesResource([StatusCodes.Status200OK, StatusCodes.Status202Accepted, StatusCodes.Status403Forbidden, StatusCodes.Status429TooManyRequests, .. OfBodies]);
        fhir.MapGet("/GuidanceResponse/{id:guid}", ShowAsync)
            .WithSummary("The answer to an evaluation")
            .ProducesResource(StatusCodes.Status200OK, StatusCodes.Status404NotFound);
        fhir.MapGet("/$status/{id:guid}", StatusAsync)
            .WithSummary("How an asynchronous evaluation stands")
            .Produces<EvaluationManifest>()
            .Produces(StatusCodes.Status202Accepted)
            .ProducesResource(StatusCodes.Status404NotFound);
        fhir.MapDelete("/$status/{id:guid}", CancelAsync)
            .WithSummary("Withdraw an asynchronous evaluation")
            .ProducesResource(StatusCodes.Status202Accepted, StatusCodes.Status404NotFound, StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> DescribeAsync(
        string key, HttpRequest request, ModelRegistry registry, Func<ModelDescription, byte[]> write, CancellationToken cancellationToken) =>
        await registry.FindBestAsync(key, cancellationToken) is { } model
            ? FhirAnswer.Resource(write(FhirAnswer.Describe(model, request)))
            : FhirAnswer.NoSuchModel();

    private static async Task<IResult> DescribeNeedsAsync(
        string key, HttpRequest request, RequestBodies bodies, ModelRegistry registry, FhirJudging judging, CancellationToken cancellationToken)
    {
        var faults = UnknownParameters(request, "this operation takes none");
        if (HttpMethods.IsPost(request.Method))
        {
            using var body = bodies.Open(request, MaxNeeds, cancellationToken);
            switch (await body.ReadAsync())
            {
                case BodyReading.Whole whole:
                    using (var turn = await judging.EnterAsync(cancellationToken))
                    {
                        var budget = judging.Budget(cancellationToken);
                        if (turn is null)
                            return FhirAnswer.Busy();
                        faults = [.. faults, .. DataRequirementsRequest.FindFaults(whole.Bytes, budget)];
                        if (budget.IsOverdue)
                            return FhirAnswer.Busy();
                    }

                    break;
                case BodyReading.Refused { Refusal: var refusal }:
                    return FhirAnswer.Outcome(refusal.Status, refusal.Code, $"{refusal.Fault}");
                case var reading:
                    throw new InvalidOperationException($"unknown reading {reading.GetType().Name}");
            }
        }

        return faults.Count > 0
            ? FhirAnswer.Outcome(StatusCodes.Status422UnprocessableEntity, faults)
            : await DescribeAsync(key, request, registry, ModelLibrary.DataRequirements, cancellationToken);
    }

    private static IReadOnlyList<FhirIssue> UnknownParameters(HttpRequest request, string words) =>
    [
        .. request.Query.Keys.Where(name => !FhirFormat.Parameters.Contains(name))
            .Select(name => new FhirIssue(IssueSeverity.Error, "not-supported", "", $"'{name}' is no parameter of this address: {words}")),
    ];

    private static async Task<IResult> EvaluateAsync(
        string key,
        HttpRequest request,
        Requester requester,
        ProjectGate projects,
        DiagnosisAdmission admission,
        DiagnosisOptions options,
        FhirJudging judging,
        RequestBodies bodies,
        ModelRegistry registry,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (UnknownParameters(request, "'data' and 'subject' go into the body, as Parameters") is { Count: > 0 } unknown)
        {
            return FhirAnswer.Refusal(await admission.RefuseAsync(
                new DiagnosisDecision.BadCall(StatusCodes.Status422UnprocessableEntity, unknown), requester, cancellationToken));
        }

        var choice = await projects.ChooseAsync(request, key, requester, cancellationToken);
        if (choice is ProjectChoice.Refused { Refusal: var outside })
            return FhirAnswer.Refusal(await admission.RefuseAsync(outside, requester, cancellationToken));
        DiagnosisDecision decision;
        // The body's memory is given back before the result is waited for.
        using (var body = bodies.Open(request, options.MaxRequest, cancellationToken))
            decision = await DecideAsync(key, body, IdempotencyKey.Of(request), requester, ((ProjectChoice.Chosen)choice).Project, admission, judging, cancellationToken);
        switch (decision)
        {
            case DiagnosisDecision.DataRequired required:
                return FhirAnswer.Resource(
                    new GuidanceResponse(FhirAnswer.Describe(required.Model, request), Guid.CreateVersion7(time.GetUtcNow()), time.GetUtcNow(), required.Basis)
                        .NotYet(required.Negotiation));
            case DiagnosisDecision.Accepted accepted when request.Headers["Prefer"].Any(value => value?.Contains("respond-async", StringComparison.OrdinalIgnoreCase) == true):
                request.HttpContext.Response.Headers.ContentLocation = $"{FhirAnswer.BaseOf(request)}/$status/{accepted.Job.Id}";
                return FhirAnswer.Resource(OperationOutcome.ToJson([.. accepted.Basis?.Warnings?.Select(warning => warning.ToIssue()) ?? []]), StatusCodes.Status202Accepted);
            case DiagnosisDecision.Accepted accepted:
                var (job, revoked) = await admission.WaitAsync(accepted.Job, Patience, requester, cancellationToken);
                return revoked is null ? await GuideAsync(job, accepted.Basis, request, registry, cancellationToken) : FhirAnswer.Refusal(revoked);
            default:
                return FhirAnswer.Refusal(decision);
        }
    }

    private static async Task<DiagnosisDecision> DecideAsync(
        string key,
        IncomingBody body,
        string? idempotencyKey,
        Requester requester,
        Project? project,
        DiagnosisAdmission admission,
        FhirJudging judging,
        CancellationToken cancellationToken)
    {
        switch (await body.ReadAsync())
        {
            case BodyReading.Whole whole:
                FhirBudget budget;
                EvaluateRequest? asked;
                IReadOnlyList<FhirIssue> issues;
                using (var turn = await judging.EnterAsync(cancellationToken))
                {
                    if (turn is null)
                        return await admission.RefuseBusyAsync(requester, cancellationToken);
                    budget = judging.Budget(cancellationToken);
                    asked = EvaluateRequest.Read(whole.Bytes, budget, out issues);
                }

                if (budget.IsOverdue)
                    return await admission.RefuseBusyAsync(requester, cancellationToken);
                if (asked is null)
                    return await admission.RefuseAsync(issues, requester, cancellationToken);
                var envelope = new DiagnosisEnvelope("fhir", key, asked.Bundle) { Budget = budget, Patient = asked.Subject, ToSent = asked.ToBody };
                return await admission.DecideAsync(envelope, idempotencyKey, dryRun: false, requester, project, cancellationToken);
            case BodyReading.Refused refused:
                return await admission.RefuseAsync(refused.Refusal, requester, cancellationToken);
            case var reading:
                throw new InvalidOperationException($"unknown reading {reading.GetType().Name}");
        }
    }

    private static async Task<IResult> ShowAsync(
        Guid id, HttpRequest request, Requester requester, ModelRegistry registry, JobResults results, CancellationToken cancellationToken) =>
        await results.ShowAsync(id, JobKind.Diagnosis, requester, cancellationToken) is { } job
            ? await GuideAsync(job, await BasisOfAsync(job, results, cancellationToken), request, registry, cancellationToken)
            : NoSuchEvaluation();

    // http://hl7.org/fhir/R4/async.html: 202 while it goes on, then 200 and a manifest of the results.
    private static async Task<IResult> StatusAsync(Guid id, HttpRequest request, Requester requester, AuthOptions auth, JobResults results, CancellationToken cancellationToken)
    {
        if (await results.ShowAsync(id, JobKind.Diagnosis, requester, cancellationToken) is not { Job: { State: not JobState.Cancelled } job })
            return NoSuchEvaluation();
        if (!job.IsOver)
        {
            request.HttpContext.Response.Headers["X-Progress"] = job.State.ToString();
            request.HttpContext.Response.Headers.RetryAfter = "1";
            return Results.StatusCode(StatusCodes.Status202Accepted);
        }

        return TypedResults.Ok(new EvaluationManifest(
            job.UpdatedAt,
            $"{FhirAnswer.BaseOf(request)}/Library/{DiagnosisRequest.Read(job.Request).Model}/$evaluate",
            RequiresAccessToken: auth.IsOn,
            Output: [new("GuidanceResponse", $"{FhirAnswer.BaseOf(request)}/GuidanceResponse/{id}")],
            Error: []));
    }

    private static async Task<IResult> CancelAsync(Guid id, Requester requester, JobQueue queue, CancellationToken cancellationToken) =>
        await queue.CancelAsync(id, JobKind.Diagnosis, requester.Name, cancellationToken) switch
        {
            null => NoSuchEvaluation(),
            { State: JobState.Cancelled } => FhirAnswer.Resource(OperationOutcome.ToJson([]), StatusCodes.Status202Accepted),
            var job => FhirAnswer.Outcome(StatusCodes.Status409Conflict, "conflict", $"The evaluation is {DiagnosisStatus.Of(job.State)} already."),
        };

    private static async Task<NegotiationBasis?> BasisOfAsync(JobWithResult job, JobResults results, CancellationToken cancellationToken) =>
        (job.Basis ?? await results.FindBasisAsync(job.Job, cancellationToken)) is { } basis ? NegotiationBasis.Read(basis) : null;

    private static IResult NoSuchEvaluation() => FhirAnswer.Outcome(StatusCodes.Status404NotFound, "not-found", "There is no such evaluation.");

    private static async Task<IResult> GuideAsync(
        JobWithResult job, NegotiationBasis? basis, HttpRequest request, ModelRegistry registry, CancellationToken cancellationToken)
    {
        var asked = DiagnosisRequest.Read(job.Job.Request);
        if (await registry.FindAsync(asked.Model, asked.Version, cancellationToken) is not { } model)
            return FhirAnswer.NoSuchModel();
        var guidance = new GuidanceResponse(FhirAnswer.Describe(model, request), job.Job.Id, job.Job.UpdatedAt, basis);
        return FhirAnswer.Resource(job switch
        {
            { Output: { } output } => guidance.Success(output),
            { Job.IsOver: false } => guidance.InProgress(),
            _ => guidance.Failure(job.Why),
        });
    }
}
