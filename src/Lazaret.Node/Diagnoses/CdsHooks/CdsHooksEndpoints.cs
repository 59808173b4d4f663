using Lazaret.Fhir;
using Lazaret.Fhir.Answers;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Diagnoses.Answers;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;
using Lazaret.Node.Projects;

namespace Lazaret.Node.Diagnoses.CdsHooks;

/// <summary>CDS Hooks 2.0: every registered model is a service, whose prefetch templates come from its manifest.</summary>
public static class CdsHooksEndpoints
{
    public static void MapCdsHooks(this IEndpointRouteBuilder node)
    {
        var services = node.MapGroup("/cds-services").WithTags("CDS Hooks");
        services.AllowOrigins(node.ServiceProvider.GetRequiredService<CdsHooksOptions>());
        services.MapGet("", async (HttpRequest request, ModelRegistry registry, CancellationToken cancellationToken) =>
            {
                var best = (await registry.ListAsync(cancellationToken)).DistinctBy(model => model.Manifest.Key);
                return Results.Text(CdsServices.Discovery(best.Select(model => FhirAnswer.Describe(model, request))), "application/json");
            })
            .WithSummary("The models as services")
            .Produces<CdsServicesBody>();
        services.MapPost("/{key}", CallAsync)
            .WithSummary("Call a model as a service")
            .WithDescription("Missing prefetch is answered by 412 with an OperationOutcome that names it, or by a card where the site has set CdsHooks:MissingAsCard.")
            .TakesProject()
            .Accepts<CdsCallBody>("application/json")
            .Produces<CdsCardsBody>()
            .ProducesResource(
                StatusCodes.Status400BadRequest,
                StatusCodes.Status403Forbidden,
                StatusCodes.Status404NotFound,
                StatusCodes.Status408RequestTimeout,
                StatusCodes.Status412PreconditionFailed,
                StatusCodes.Status413PayloadTooLarge,
                StatusCodes.Status415UnsupportedMediaType,
                StatusCodes.Status422UnprocessableEntity,
                StatusCodes.Status429TooManyRequests,
                StatusCodes.Status503ServiceUnavailable);
        services.MapCdsFeedback();
    }

    private static async Task<IResult> CallAsync(
        string key,
        HttpRequest request,
        Requester requester,
        ProjectGate projects,
        DiagnosisAdmission admission,
        DiagnosisOptions diagnoses,
        CdsHooksOptions options,
        RequestBodies bodies,
        ModelRegistry registry,
        CancellationToken cancellationToken)
    {
        var choice = await projects.ChooseAsync(request, key, requester, cancellationToken);
        if (choice is ProjectChoice.Refused { Refusal: var outside })
            return FhirAnswer.Refusal(await admission.RefuseAsync(outside, requester, cancellationToken));
        if (await registry.FindBestAsync(key, cancellationToken) is not { } model)
            return FhirAnswer.Refusal(await admission.RefuseAsync(new DiagnosisDecision.UnknownTarget([]), requester, cancellationToken));
        Call call;
        // The body's memory is given back before the result is waited for; what is kept of the call is its prefetch's account of itself.
        using (var body = bodies.Open(request, diagnoses.MaxRequest, cancellationToken))
            call = await DecideAsync(key, body, requester, ((ProjectChoice.Chosen)choice).Project, admission, options, cancellationToken);
        switch (call.Decision)
        {
            case DiagnosisDecision.DataRequired { Negotiation.Verdict: "data-required" } required when options.MissingAsCard:
                var lacking = FhirAnswer.Describe(required.Model, request);
                return Cards(lacking, CdsCard.Missing(
                    lacking,
                    Guid.NewGuid(),
                    required.Negotiation.Missing,
                    [.. call.Issues.Select(issue => issue.Diagnostics)],
                    ("What the model needs", $"{NodeAddress.RootOf(request)}/v1/models/{key}"),
                    required.Basis), call);
            case DiagnosisDecision.DataRequired:
                return FhirAnswer.Outcome(StatusCodes.Status412PreconditionFailed, call.Issues);
            case DiagnosisDecision.Accepted accepted:
                var (job, revoked) = await admission.WaitAsync(accepted.Job, options.Wait, requester, cancellationToken);
                if (revoked is not null)
                    return FhirAnswer.Refusal(revoked);
                var ran = await registry.FindAsync(key, DiagnosisRequest.Read(job.Job.Request).Version, cancellationToken) ?? model;
                var description = FhirAnswer.Describe(ran, request);
                return Cards(description, job switch
                {
                    { Output: { } output } => CdsCard.Result(description, job.Job.Id, output, ran.Manifest.IndicatorOf(output), accepted.Basis),
                    { Job.IsOver: true } => CdsCard.WithoutResult(description, job.Job.Id, job.Why, ("The job", LinkTo(job.Job, request)), accepted.Basis),
                    _ => CdsCard.WithoutResult(description, job.Job.Id, "is still at work", ("The result, once it is there", LinkTo(job.Job, request)), accepted.Basis),
                }, call);
            case DiagnosisDecision.Unusable { Refusal.IsOfPatient: true }:
                return FhirAnswer.Outcome(StatusCodes.Status412PreconditionFailed, call.Issues);
            case DiagnosisDecision.InvalidBundle or DiagnosisDecision.Unusable:
                return FhirAnswer.Outcome(StatusCodes.Status422UnprocessableEntity, call.Issues);
            default:
                return FhirAnswer.Refusal(call.Decision);
        }
    }

    private static async Task<Call> DecideAsync(
        string key, IncomingBody body, Requester requester, Project? project, DiagnosisAdmission admission, CdsHooksOptions options, CancellationToken cancellationToken)
    {
        switch (await body.ReadAsync())
        {
            case BodyReading.Whole whole:
                if (CdsRequest.Read(whole.Bytes, out var faults) is not { } request)
                    return await RefuseAsync(StatusCodes.Status400BadRequest, faults);
                if (!request.HasPrefetch && !options.MissingAsCard)
                    return await RefuseAsync(StatusCodes.Status412PreconditionFailed, [new(IssueSeverity.Error, "required", "prefetch", "there is no prefetch, and this node does not call the client's FHIR server")]);
                var bundle = request.Prefetch.ToBundle();
                var decision = await admission.DecideAsync(new DiagnosisEnvelope("cds-hooks", key, bundle.Json) { Patient = request.Patient, ToSent = bundle.ToPrefetch, Unread = bundle.Unread }, idempotencyKey: null, dryRun: false, requester, project, cancellationToken);
                return new Call(decision, IssuesOf(decision, request.Prefetch), request.Ignored);
            case BodyReading.Refused refused:
                return new Call(await admission.RefuseAsync(refused.Refusal, requester, cancellationToken), [], []);
            case var reading:
                throw new InvalidOperationException($"unknown reading {reading.GetType().Name}");
        }

        async Task<Call> RefuseAsync(int status, IReadOnlyList<FhirIssue> issues) =>
            new(await admission.RefuseAsync(new DiagnosisDecision.BadCall(status, issues), requester, cancellationToken), issues, []);
    }

    // Each in the client's own terms: by the key of its prefetch, and with what it said there itself.
    private static IReadOnlyList<FhirIssue> IssuesOf(DiagnosisDecision decision, CdsPrefetch prefetch)
    {
        switch (decision)
        {
            case DiagnosisDecision.InvalidBundle invalid:
                return invalid.Issues;
            case DiagnosisDecision.Unusable unusable:
                return [.. unusable.Refusal.ToIssues()];
            case DiagnosisDecision.DataRequired { Negotiation: var negotiation }:
                var refused = prefetch.Refused.ToHashSet(StringComparer.Ordinal);
                var missing = negotiation.Missing.Where(item => item.Requirement.Mandatory || refused.Contains(item.Requirement.Code)).ToList();
                refused.ExceptWith(missing.Select(item => item.Requirement.Code));
                return
                [
                    .. missing.Select(item => Issue(item, prefetch)),
                    .. negotiation.Unread.Select(part => part.ToIssue()),
                    .. refused.Select(key => new FhirIssue(IssueSeverity.Warning, "incomplete", CdsPrefetch.PlaceOf(key), $"prefetch '{key}' {prefetch.WhyNothing(key)}")),
                ];
            default:
                return [];
        }
    }

    private static FhirIssue Issue(MissingItem item, CdsPrefetch prefetch)
    {
        var key = item.Requirement.Code;
        var name = item.Requirement.Title != key ? $" ({item.Requirement.Title})" : "";
        var why = item.Cause == MissCause.NoMatch && prefetch.WhyNothing(key) is { } nothing ? $" {nothing}" : $": {item.Explanation}";
        return item.ToIssue() with { Expression = CdsPrefetch.PlaceOf(key), Diagnostics = $"prefetch '{key}'{name}{why}" };
    }

    private static string LinkTo(Job job, HttpRequest request) => $"{NodeAddress.RootOf(request)}/v1/jobs/{job.Id}";

    private static IResult Cards(ModelDescription model, CdsCard card, Call call) =>
        Results.Text(CdsServices.Answer(model, card, call.Ignored), "application/json");

    /// <summary>What was decided, what the client is to be told of its prefetch, and what of its call was not looked at.</summary>
    private sealed record Call(DiagnosisDecision Decision, IReadOnlyList<FhirIssue> Issues, IReadOnlyList<string> Ignored);
}
