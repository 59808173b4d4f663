using Lazaret.Cohort.Faults;
using Lazaret.Fhir;
using Lazaret.Node.Diagnoses.Answers;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity;
using Lazaret.Node.Models;

namespace Lazaret.Node.Diagnoses.CdsHooks;

/// <summary>What clinicians made of cards (https://cds-hooks.hl7.org/2.0/#feedback), on HTTP.</summary>
internal static class CdsFeedbackEndpoints
{
    private const long MaxBody = 1 << 20;

    public static void MapCdsFeedback(this RouteGroupBuilder services) => services.MapPost("/{key}/feedback", TakeAsync)
        .WithSummary("Say what clinicians made of cards")
        .WithDescription("Outcome, time and coded reason go into the audit. A comment does not: it may name the patient.")
        .Accepts<CdsFeedbackBody>("application/json")
        .Produces(StatusCodes.Status200OK)
        .ProducesResource(
            StatusCodes.Status400BadRequest,
            StatusCodes.Status404NotFound,
            StatusCodes.Status408RequestTimeout,
            StatusCodes.Status413PayloadTooLarge,
            StatusCodes.Status415UnsupportedMediaType,
            StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> TakeAsync(
        string key, HttpRequest request, Requester requester, RequestBodies bodies, ModelRegistry registry, CdsFeedbackRecord record, CancellationToken cancellationToken)
    {
        if (await registry.FindBestAsync(key, cancellationToken) is not { Manifest.Key: var model })
            return FhirAnswer.NoSuchModel();
        using var body = bodies.Open(request, MaxBody, cancellationToken);
        switch (await body.ReadAsync())
        {
            case BodyReading.Whole whole:
                var faults = new FaultList<FhirIssue>();
                if (CdsFeedback.Read(whole.Bytes, faults) is not { } feedback)
                    return FhirAnswer.Outcome(StatusCodes.Status400BadRequest, [.. faults]);
                await request.HttpContext.RefuseRevokedAsync();
                await record.KeepAsync(model, feedback, requester, cancellationToken);
                return Results.Ok();
            case BodyReading.Refused { Refusal: var refusal }:
                return FhirAnswer.Outcome(refusal.Status, refusal.Code, $"{refusal.Fault}");
            case var reading:
                throw new InvalidOperationException($"unknown reading {reading.GetType().Name}");
        }
    }
}
