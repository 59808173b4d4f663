using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Node.Http;

/// <summary>Errors on HTTP: RFC 9457, with every fault listed.</summary>
internal static class Problems
{
    private const int MostAllowed = 50;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The request cannot become a job; says what is wrong with it.</summary>
    public static IResult Invalid(FaultList<RequestFault> faults, int status = StatusCodes.Status422UnprocessableEntity)
    {
        var members = new Dictionary<string, object?>
        {
            ["errors"] = AllowedOnce(faults).Select(fault => JsonSerializer.SerializeToElement(fault, Json)).ToArray(),
        };
        if (faults.More > 0)
            members["more_errors"] = faults.More;
        return Of(status, "invalid-request", "The request has faults", string.Join("; ", faults.Lines()), members);
    }

    // What is allowed is stated with the first fault that it answers, and of much the beginning: the catalog and /v1/models have the whole.
    private static IEnumerable<RequestFault> AllowedOnce(FaultList<RequestFault> faults)
    {
        var stated = new List<IReadOnlyList<string>>();
        var room = MostAllowed;
        foreach (var fault in faults)
        {
            if (fault.Allowed is not { } allowed || stated.Exists(earlier => earlier.SequenceEqual(allowed)))
            {
                yield return fault with { Allowed = null };
                continue;
            }

            stated.Add(allowed);
            var shown = allowed.Take(room).Select(value => Quoted.Bare(value)).ToList();
            room -= shown.Count;
            yield return fault with { Allowed = shown, MoreAllowed = shown.Count < allowed.Count ? allowed.Count - shown.Count : null };
        }
    }

    public static IResult NotFound(string what) =>
        Of(StatusCodes.Status404NotFound, "not-found", "Not found", $"There is no such {what}.");

    /// <summary>There was a result, and its time is over.</summary>
    public static IResult Expired() => Of(
        StatusCodes.Status410Gone, "result-expired", "The result has expired", "The job was done, and its result was deleted when its time was over: ask again to have it computed anew.");

    public static IResult Conflict(string detail) => Of(StatusCodes.Status409Conflict, "conflict", "Not possible now", detail);

    public static IResult Unavailable(string detail) =>
        Of(StatusCodes.Status503ServiceUnavailable, "unavailable", "The node cannot answer this now", detail);

    /// <summary>Too many jobs wait.</summary>
    public static IResult QueueFull() => new RetryLater(Of(
        StatusCodes.Status429TooManyRequests, "queue-full", "Too many jobs wait", "As many jobs wait as this node takes, in all or of one requester: send it again later."));

    /// <summary>A problem document; <paramref name="members"/> are its own members beside the standard ones.</summary>
    public static IResult Of(int status, string type, string title, string detail, Dictionary<string, object?>? members = null) =>
        Results.Problem(detail, statusCode: status, title: title, type: $"urn:lazaret:problem:{type}", extensions: members);
}
