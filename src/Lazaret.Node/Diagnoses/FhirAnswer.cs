using System.Text.Json;
using System.Text.Json.Nodes;
using Lazaret.Fhir;
using Lazaret.Fhir.Answers;
using Lazaret.Node.Jobs;
using Lazaret.Node.Models;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Diagnoses;

/// <summary>What the FHIR and CDS Hooks endpoints share: how a model and a job look there, and errors as OperationOutcomes.</summary>
internal static class FhirAnswer
{
    public const string MediaType = "application/fhir+json";

    /// <summary>A resource as it was written.</summary>
    public static IResult Resource(byte[] json, int status = StatusCodes.Status200OK) => Results.Text(json, MediaType, status);

    /// <summary>Says in the interface's description that the endpoint answers with a resource under these statuses.</summary>
    public static RouteHandlerBuilder ProducesResource(this RouteHandlerBuilder endpoint, params IEnumerable<int> statuses)
    {
        foreach (var status in statuses)
            endpoint.Produces<JsonObject>(status, MediaType);
        return endpoint;
    }

    public static IResult Outcome(int status, params IReadOnlyList<FhirIssue> issues) => Resource(OperationOutcome.ToJson(issues), status);

    public static IResult Outcome(int status, string code, string words) => Outcome(status, new FhirIssue(IssueSeverity.Error, code, "", words));

    /// <summary>A decision that made no job and asked for nothing.</summary>
    public static IResult Refusal(DiagnosisDecision decision) => decision switch
    {
        DiagnosisDecision.InvalidBundle invalid => Outcome(StatusCodes.Status422UnprocessableEntity, invalid.Issues),
        DiagnosisDecision.UnknownTarget => NoSuchModel(),
        DiagnosisDecision.TooLarge => Outcome(StatusCodes.Status413PayloadTooLarge, "too-long", "The body is larger than this node takes."),
        DiagnosisDecision.Refused refused => Outcome(
            StatusCodes.Status422UnprocessableEntity,
            [.. refused.Faults.Select(fault => new FhirIssue(IssueSeverity.Error, "invalid", "", $"{fault.Field} {fault.Message}"))]),
        _ => throw new InvalidOperationException($"{decision.GetType().Name} is no refusal"),
    };

    public static IResult NoSuchModel() => Outcome(StatusCodes.Status404NotFound, "not-found", "There is no such model.");

    public static ModelDescription Describe(Model model, HttpRequest request) =>
        new(model.Manifest.Key, model.Manifest.Version.ToString(), model.Manifest.Name, $"{BaseOf(request)}/Library/{model.Manifest.Key}", model.Manifest.Requirements);

    /// <summary>The root of the FHIR endpoints, as this client reached it.</summary>
    public static string BaseOf(HttpRequest request) => $"{request.Scheme}://{request.Host}{request.PathBase}/fhir";

    /// <summary>A job of this requester's with its result; null when there is none.</summary>
    public static async Task<FinishedJob?> FindAsync(IDbContextFactory<LazaretDb> databases, Guid id, string requester, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var job = await db.Jobs.AsNoTracking()
            .SingleOrDefaultAsync(j => j.Id == id && j.Kind == JobKind.Diagnosis && j.Requester == requester, cancellationToken);
        if (job is null)
            return null;
        var result = await db.Payloads
            .Where(payload => payload.JobId == id && payload.Name == PayloadName.Result)
            .Select(payload => payload.Content)
            .SingleOrDefaultAsync(cancellationToken);
        return new FinishedJob(job, result);
    }

    /// <summary>Waits for the job to be over, or until the time has passed.</summary>
    public static async Task<FinishedJob> WaitAsync(
        IDbContextFactory<LazaretDb> databases, Job job, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var now = (await FindAsync(databases, job.Id, job.Requester, cancellationToken))!;
            if (now.Job.IsOver || time.GetElapsedTime(began) > atMost)
                return now;
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }
}

/// <summary>A job with what was released, if it is over and anything was.</summary>
internal sealed record FinishedJob(Job Job, byte[]? Result)
{
    /// <summary>The model's declared members; null while there is no result.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Output => Result is null
        ? null
        : JsonDocument.Parse(Result).RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);

    public string Why => Job.State == JobState.Cancelled ? "the job was cancelled" : Job.Error ?? "the job has no result";
}
