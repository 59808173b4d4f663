using System.Reflection;
using System.Text.Json.Serialization;
using Lazaret.Node.Identity;
using Lazaret.Node.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;

namespace Lazaret.Node.Health;

/// <summary>Whether the process lives, and what of its work it can do.</summary>
internal static class HealthEndpoints
{
    private static readonly string[] Probes = [HttpMethods.Get, HttpMethods.Head];

    public static void MapHealth(this IEndpointRouteBuilder node)
    {
        var health = node.MapGroup("").WithTags("Health").DisableRateLimiting().WithMetadata(RequestLog.Quiet);
        health.MapMethods("/healthz", Probes, () => TypedResults.Ok(new Life(Ok: true))).WithSummary("The process lives");
        health.MapMethods("/readyz", Probes, FindAsync)
            .WithSummary("What of its work the node can do, and what is not ready; 503 only while it can admit nothing at all");
    }

    private static async Task<Results<Ok<Readiness>, NotReady>> FindAsync(
        HttpContext http, SharedExamination examination, CancellationToken cancellationToken)
    {
        var readiness = await examination.RunAsync(cancellationToken);
        if (!MayKnowWhy(http))
            readiness = readiness.WithoutReasons();
        return readiness.Ready ? TypedResults.Ok(readiness) : new NotReady(readiness);
    }

    // The reasons name folders and settings, and the address is open to strangers.
    private static bool MayKnowWhy(HttpContext http) =>
        AccessPolicy.IsFromLoopback(http) || (http.User.Identity is { IsAuthenticated: true } && (Requester.Of(http.User).Roles & (Roles.Operator | Roles.Auditor)) != Roles.None);

    internal sealed class NotReady(Readiness readiness) : IResult, IEndpointMetadataProvider
    {
        public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
            builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status503ServiceUnavailable, typeof(Readiness), ["application/json"]));

        public Task ExecuteAsync(HttpContext httpContext) =>
            TypedResults.Json(readiness, statusCode: StatusCodes.Status503ServiceUnavailable).ExecuteAsync(httpContext);
    }
}

/// <summary>The answer of a process that lives.</summary>
internal sealed record Life([property: JsonPropertyName("ok")] bool Ok);
