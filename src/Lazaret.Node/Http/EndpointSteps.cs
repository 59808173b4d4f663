namespace Lazaret.Node.Http;

/// <summary>
/// What every endpoint of a group does before its handler's parameters are read. The framework's endpoint filters would do; for each endpoint that has one, though, it compiles three expressions more at every
/// start of the node.
/// </summary>
internal static class EndpointSteps
{
    /// <param name="group">Whose endpoints, those of groups in it included.</param>
    /// <param name="step">Answers, or calls what follows. The step of an outer group comes first, and of one group the step that was added last.</param>
    public static RouteGroupBuilder StartWith(this RouteGroupBuilder group, Func<HttpContext, RequestDelegate, Task> step)
    {
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            var next = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = http => step(http, next);
        });
        return group;
    }
}
