using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Lazaret.Node.Http;

/// <summary>The answer to a request that made no job: what is wrong with it, with its body, or with the moment.</summary>
/// <param name="after">When the same request may succeed; null for a moment where that passes by itself.</param>
/// <typeparam name="TInvalid">The document of a request that was read and is invalid.</typeparam>
internal sealed class RefusedRequest<TInvalid>(ProblemDetails document, TimeSpan? after = null) : Problem(document), IEndpointMetadataProvider
    where TInvalid : InvalidRequest
{
    private readonly bool _passes = document.Status == StatusCodes.Status429TooManyRequests || document.Type == Problems.TypeOf("busy");

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        Describe(
            builder,
            typeof(InvalidRequest),
            StatusCodes.Status400BadRequest,
            StatusCodes.Status403Forbidden,
            StatusCodes.Status408RequestTimeout,
            StatusCodes.Status413PayloadTooLarge,
            StatusCodes.Status415UnsupportedMediaType);
        Describe(builder, typeof(TInvalid), StatusCodes.Status422UnprocessableEntity);
        Describe(builder, typeof(ProblemDetails), StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable);
    }

    public override Task ExecuteAsync(HttpContext httpContext)
    {
        if (_passes)
            httpContext.Response.Headers.RetryAfter = RetryLater.SecondsOf(after);
        return base.ExecuteAsync(httpContext);
    }
}
