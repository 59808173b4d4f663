namespace Lazaret.Node.Http;

/// <summary>Whatever answers GET answers HEAD as well, with the same headers and without the content (RFC 9110, 9.3.2).</summary>
internal static class HeadRequests
{
    // Over HTTP/1.1 the server leaves the content out by itself; over HTTP/2 it sends it, and the client ends the connection.
    public static void UseHeadWithoutContent(this WebApplication node) => node.Use((context, next) =>
    {
        if (HttpMethods.IsHead(context.Request.Method))
            context.Response.Body = Stream.Null;
        return next(context);
    });

    public static RouteGroupBuilder TakeHead(this RouteGroupBuilder group)
    {
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            for (var i = 0; i < endpoint.Metadata.Count; i++)
            {
                if (endpoint.Metadata[i] is IHttpMethodMetadata { HttpMethods: var methods } metadata && methods.Contains(HttpMethods.Get) && !methods.Contains(HttpMethods.Head))
                    endpoint.Metadata[i] = new HttpMethodMetadata([.. methods, HttpMethods.Head], metadata.AcceptCorsPreflight);
            }
        });
        return group;
    }
}
