using Microsoft.AspNetCore.Http.Features;

namespace Lazaret.Node.Http.Bodies;

/// <summary>Every request body that the node reads comes in here.</summary>
public sealed class RequestBodies(BodyMemory memory, HttpOptions options, TimeProvider time)
{
    /// <summary>The body of a request, of at most <paramref name="max"/> bytes, packed and unpacked. Its time runs from now.</summary>
    public IncomingBody Open(HttpRequest request, long max, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = max;
        return new IncomingBody(request, memory.Open(), max, new CancellationTokenSource(options.BodyTime, time), cancellationToken);
    }
}
