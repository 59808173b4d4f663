using Lazaret.Cohort.Faults;
using Microsoft.AspNetCore.Mvc;

namespace Lazaret.Node.Http;

/// <summary>Problem documents: RFC 9457, with every fault listed.</summary>
internal static class Problems
{
    private const string NeedsOperatorType = "needs-operator";
    private const int MostAllowed = 50;

    /// <summary>The request cannot become a job; says what is wrong with it.</summary>
    public static InvalidRequest Invalid(FaultList<RequestFault> faults, int status = StatusCodes.Status422UnprocessableEntity) => new()
    {
        Type = TypeOf("invalid-request"),
        Title = "The request has faults",
        Status = status,
        Detail = string.Join("; ", faults.Lines()),
        Errors = [.. AllowedOnce(faults)],
        MoreErrors = faults.More > 0 ? faults.More : null,
    };

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

    public static ProblemDetails Unavailable(string detail) =>
        Of(StatusCodes.Status503ServiceUnavailable, "unavailable", "The node cannot answer this now", detail);

    /// <summary>To send it again is in vain until an operator has acted: such an answer has no <c>Retry-After</c>.</summary>
    public static ProblemDetails NeedsOperator(string detail) =>
        Of(StatusCodes.Status503ServiceUnavailable, NeedsOperatorType, "An operator of the node must act first", detail);

    public static ProblemDetails NotFound(string detail) => Of(StatusCodes.Status404NotFound, "not-found", "Not found", detail);

    /// <summary>The same request may succeed a little later.</summary>
    public static ProblemDetails Busy(string detail) => Of(StatusCodes.Status503ServiceUnavailable, "busy", "The node has too much to do", detail);

    /// <summary>Requests come faster than the node takes them.</summary>
    public static ProblemDetails TooFast(string detail) => Of(StatusCodes.Status429TooManyRequests, "too-many-requests", "Too many requests", detail);

    /// <summary>Too many jobs wait.</summary>
    public static ProblemDetails QueueFull() => Of(
        StatusCodes.Status429TooManyRequests, "queue-full", "Too many jobs wait", "As many jobs wait as this node takes, in all or of one requester: send it again later.");

    /// <summary>A project may have no more jobs for now, or a requester ask no more questions.</summary>
    public static ProblemDetails QuotaSpent(string words) => Of(StatusCodes.Status429TooManyRequests, "quota-spent", "The quota is spent", words);

    public static ProblemDetails Of(int status, string type, string title, string detail) =>
        new() { Type = TypeOf(type), Title = title, Status = status, Detail = detail };

    /// <summary>The URI of a kind of problem.</summary>
    public static string TypeOf(string name) => $"urn:lazaret:problem:{name}";
}
