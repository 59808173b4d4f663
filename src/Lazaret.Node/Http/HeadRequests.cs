namespace Lazaret.Node.Http;

/// <summary>Whatever answers GET answers HEAD as well, with the same headers (RFC 9110, 9.3.2); the server leaves the content out.</summary>
internal static class HeadRequests
{
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
