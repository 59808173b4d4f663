using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Lazaret.Node.Http;

/// <summary>
/// A problem document (RFC 9457) as an endpoint's answer. Each kind states its status and its document, so that the interface's description
/// follows from the endpoint's signature.
/// </summary>
internal abstract class Problem(ProblemDetails document) : IResult
{
    public const string MediaType = "application/problem+json";

    public virtual Task ExecuteAsync(HttpContext httpContext) => TypedResults.Problem(document).ExecuteAsync(httpContext);

    protected static void Describe(EndpointBuilder endpoint, Type document, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
            endpoint.Metadata.Add(new ProducesResponseTypeMetadata(status, document, [MediaType]));
    }

    public sealed class NotFound(ProblemDetails document) : Problem(document), IEndpointMetadataProvider
    {
        public NotFound(string what)
            : this(Problems.NotFound($"There is no such {what}."))
        {
        }

        public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Describe(builder, typeof(ProblemDetails), StatusCodes.Status404NotFound);
    }

    public sealed class Forbidden(ProblemDetails document) : Problem(document), IEndpointMetadataProvider
    {
        public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Describe(builder, typeof(InvalidRequest), StatusCodes.Status403Forbidden);
    }

    /// <summary>There was a result, and its time is over.</summary>
    public sealed class Expired() : Problem(Problems.Of(
        StatusCodes.Status410Gone,
        "result-expired",
        "The result has expired",
        "The job was done, and its result was deleted when its time was over: ask again to have it computed anew.")), IEndpointMetadataProvider
    {
        public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Describe(builder, typeof(ProblemDetails), StatusCodes.Status410Gone);
    }

    public sealed class Conflict(string detail) : Problem(Problems.Of(StatusCodes.Status409Conflict, "conflict", "Not possible now", detail)), IEndpointMetadataProvider
    {
        public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Describe(builder, typeof(ProblemDetails), StatusCodes.Status409Conflict);
    }

    public sealed class Unavailable(string detail) : Problem(Problems.Unavailable(detail)), IEndpointMetadataProvider
    {
        public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Describe(builder, typeof(ProblemDetails), StatusCodes.Status503ServiceUnavailable);
    }
}
