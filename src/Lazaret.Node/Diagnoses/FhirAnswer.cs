using Lazaret.Cohort.Faults;
using Lazaret.Fhir;
using Lazaret.Fhir.Answers;
using Lazaret.Node.Diagnoses.Answers;
using Lazaret.Node.Http;
using Lazaret.Node.Keys;
using Lazaret.Node.Models;

namespace Lazaret.Node.Diagnoses;

/// <summary>What the FHIR and CDS Hooks endpoints share: how a model and a job look there, and errors as OperationOutcomes.</summary>
internal static class FhirAnswer
{
    public const string MediaType = "application/fhir+json";

    private const int MaxWords = 500;

    /// <summary>A resource as it was written.</summary>
    public static IResult Resource(byte[] json, int status = StatusCodes.Status200OK) => Results.Text(json, MediaType, status);

    /// <summary>Says in the interface's description that the endpoint answers with a resource under these statuses: an OperationOutcome where they are errors.</summary>
    public static RouteHandlerBuilder ProducesResource(this RouteHandlerBuilder endpoint, params IEnumerable<int> statuses)
    {
        foreach (var status in statuses)
            endpoint.Produces(status, status < StatusCodes.Status400BadRequest ? typeof(FhirResource) : typeof(FhirOutcome), MediaType);
        return endpoint;
    }

    public static IResult Outcome(int status, params IReadOnlyList<FhirIssue> issues) => Resource(OperationOutcome.ToJson(FirstOf(issues)), status);

    /// <summary>What an answer tells of a resource's issues: the first ones, errors before warnings, and how many more there are.</summary>
    public static IReadOnlyList<FhirIssue> FirstOf(IReadOnlyList<FhirIssue> issues)
    {
        var told = new FaultList<FhirIssue>();
        foreach (var issue in issues.OrderBy(issue => issue.Severity == IssueSeverity.Warning))
            told.Add(issue with { Expression = Quoted.Bare(issue.Expression, MaxWords), Diagnostics = Quoted.Bare(issue.Diagnostics, MaxWords) });
        return told.More == 0 ? [.. told] : [.. told, new FhirIssue(IssueSeverity.Warning, "too-costly", "", $"and {told.More} more")];
    }

    public static IResult Outcome(int status, string code, string words) => Outcome(status, new FhirIssue(IssueSeverity.Error, code, "", words));

    /// <summary>A decision that made no job and asked for nothing.</summary>
    public static IResult Refusal(DiagnosisDecision decision) => decision switch
    {
        DiagnosisDecision.InvalidBundle invalid => Outcome(StatusCodes.Status422UnprocessableEntity, invalid.Issues),
        DiagnosisDecision.Unusable unusable => Outcome(StatusCodes.Status422UnprocessableEntity, [.. unusable.Refusal.ToIssues()]),
        DiagnosisDecision.UnknownTarget => NoSuchModel(),
        DiagnosisDecision.BadBody { Refusal: var bad } => Outcome(bad.Status, bad.Code, $"{bad.Fault}"),
        DiagnosisDecision.BadCall bad => Outcome(bad.Status, bad.Issues),
        DiagnosisDecision.Forbidden { Refusal: var refusal } => Outcome(
            refusal.Status,
            [.. refusal.Lines.Select(line => new FhirIssue(IssueSeverity.Error, refusal.Status == StatusCodes.Status403Forbidden ? "forbidden" : "required", "", line))]),
        DiagnosisDecision.QuotaSpent { Spent: var spent } => new RetryLater(Outcome(StatusCodes.Status429TooManyRequests, "throttled", spent.Words), spent.After),
        DiagnosisDecision.QueueFull => new RetryLater(Outcome(StatusCodes.Status429TooManyRequests, "throttled", "As many jobs wait as this node takes: send it again later.")),
        DiagnosisDecision.Busy => Busy(),
        DiagnosisDecision.NoKeys => Outcome(StatusCodes.Status503ServiceUnavailable, "exception", KeyGuard.NoKeys),
        DiagnosisDecision.NoImage away => Outcome(StatusCodes.Status503ServiceUnavailable, "exception", away.Words),
        DiagnosisDecision.Refused refused => Outcome(
            StatusCodes.Status422UnprocessableEntity,
            [.. refused.Faults.Lines().Select(line => new FhirIssue(IssueSeverity.Error, "invalid", "", line))]),
        _ => throw new InvalidOperationException($"{decision.GetType().Name} is no refusal"),
    };

    public static IResult Busy() => new RetryLater(Outcome(StatusCodes.Status503ServiceUnavailable, "transient", FhirJudging.Busy));

    public static IResult NoSuchModel() => Outcome(StatusCodes.Status404NotFound, "not-found", "There is no such model.");

    public static ModelDescription Describe(Model model, HttpRequest request) =>
        new(model.Manifest.Key, model.Manifest.Version.ToString(), model.Manifest.Name, $"{BaseOf(request)}/Library/{model.Manifest.Key}", model.Manifest.Requirements);

    /// <summary>The root of the FHIR endpoints, as this client reached it.</summary>
    public static string BaseOf(HttpRequest request) => $"{NodeAddress.RootOf(request)}/fhir";
}
