using System.Text.Json.Serialization;
using Lazaret.Cohort.Faults;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Lazaret.Node.Identity;
using Lazaret.Node.Releases.Reviews;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.Cohorts.Reviews;

/// <summary>Held results on HTTP: stewards decide, auditors look.</summary>
internal static class ReviewEndpoints
{
    private const long MaxBody = 64 << 10;
    private const int MostInAnAnswer = 100;

    /// <summary>Where nobody proves who they are, everybody is the requester.</summary>
    private const string Own = "Nobody decides about a result that they asked for themselves. Where the node asks for no authentication, everybody who calls is the same: there the command decides, lazaret review.";

    public static void MapReviews(this IEndpointRouteBuilder node)
    {
        var reviews = node.MapGroup("/v1/reviews").WithTags("Reviews");
        reviews.MapGet("", ListAsync).WithSummary("Results that wait for a steward, the oldest first; not one's own. A hundred at once: next is the address of the rest");
        reviews.MapGet("/{id:guid}", ShowAsync).WithSummary("What was asked, why the result is held, and what it would cost; never the result");
        reviews.MapPost("/{id:guid}", DecideAsync).WithSummary("Let a held result go, keep it, or ask its requester something").Accepts<ReviewWord>("application/json");
    }

    private static async Task<Results<Ok<HeldResults>, Problem.NotFound>> ListAsync(Requester reader, ReviewDesk desk, Guid? after, CancellationToken cancellationToken)
    {
        if (after is { } last && await desk.FindAsync(last, reader.Name, cancellationToken) is null)
            return new Problem.NotFound("held result");
        var found = await desk.ListWaitingAsync(reader.Name, after, MostInAnAnswer + 1, cancellationToken);
        HeldResult[] shown = [.. found.Take(MostInAnAnswer).Select(one => new HeldResult(one, reader.Name))];
        return TypedResults.Ok(new HeldResults(shown) { Next = found.Count > shown.Length ? $"/v1/reviews?after={shown[^1].JobId}" : null });
    }

    private static async Task<Results<Ok<ReviewAnswer>, Problem.NotFound>> ShowAsync(Guid id, Requester reader, ReviewDesk desk, CancellationToken cancellationToken) =>
        await desk.FindAsync(id, reader.Name, cancellationToken) is { } found ? TypedResults.Ok(new ReviewAnswer(found, reader.Name)) : new Problem.NotFound("held result");

    private static async Task<Results<Ok<ReviewRuled>, Problem.NotFound, Problem.Conflict, RefusedRequest<InvalidRequest>>> DecideAsync(
        Guid id, HttpRequest request, Requester steward, ReviewRuling ruling, RequestBodies bodies, CancellationToken cancellationToken)
    {
        using var body = bodies.Open(request, MaxBody, cancellationToken);
        var reading = await body.ReadAsync();
        if (reading is BodyReading.Refused { Refusal: var refusal })
            return new RefusedRequest<InvalidRequest>(refusal.ToProblem());
        await request.HttpContext.RefuseRevokedAsync();
        var faults = new FaultList<RequestFault>();
        if (ReviewWord.Read(((BodyReading.Whole)reading).Bytes, faults) is not var (verdict, why, seen))
            return new RefusedRequest<InvalidRequest>(Problems.Invalid(faults));
        return await ruling.DecideAsync(id, steward.Name, verdict, why, cancellationToken, seen) switch
        {
            ReviewOutcome.NoSuchReview => new Problem.NotFound("held result"),
            ReviewOutcome.OwnRequest => new RefusedRequest<InvalidRequest>(Problems.Of(StatusCodes.Status403Forbidden, "forbidden", "Your own request", Own)),
            ReviewOutcome.Over over => new Problem.Conflict($"The job is {CohortAnswer.StatusOf(over.State)} already."),
            ReviewOutcome.Outdated => new Problem.Conflict(ReviewOutcome.Outdated.Words),
            ReviewOutcome.Counted counted => TypedResults.Ok(new ReviewRuled(id, CohortAnswer.StatusOf(counted.State), counted.State == Jobs.JobState.Held ? counted.Missing : 0)),
            var outcome => throw new InvalidOperationException($"unknown outcome {outcome.GetType().Name}"),
        };
    }
}

/// <summary>What waits.</summary>
internal sealed record HeldResults([property: JsonPropertyName("reviews")] IReadOnlyList<HeldResult> Reviews)
{
    /// <summary>Where the rest is; left out where there is none.</summary>
    [JsonPropertyName("next"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Next { get; init; }
}

/// <summary>How a job stands after a steward's word.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Missing">How many further stewards must approve before it leaves.</param>
internal sealed record ReviewRuled(
    [property: JsonPropertyName("job_id")] Guid JobId,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("approvals_missing")] int Missing);
