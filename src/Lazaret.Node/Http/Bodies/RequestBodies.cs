using Microsoft.AspNetCore.Http.Features;

namespace Lazaret.Node.Http.Bodies;

/// <summary>Every request body that the node reads comes in here.</summary>
internal sealed class RequestBodies(BodyMemory memory, HttpOptions options, TimeProvider time)
{
    /// <summary>The body of a request, of at most <paramref name="max"/> bytes, packed and unpacked. Its time runs from now.</summary>
    public IncomingBody Open(HttpRequest request, long max, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // The server would refuse by closing the connection while the client still sends: a proxy in front then answers in its own words.
            // Refused by us, the server reads what is still coming for five seconds, and the answer arrives.
            size.MaxRequestBodySize = null;
        }

        return new IncomingBody(request, memory.Open(), max, new CancellationTokenSource(options.BodyTime, time), cancellationToken);
    }
}
