using Lazaret.Node.Identity.People.Pages;

namespace Lazaret.Node.WebConsole.Frame;

/// <summary>Writes the policies of the node's pages before a page of the console is written.</summary>
internal sealed class PageHeaders : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        PagePolicy.Write(context.HttpContext.Response.Headers);
        return next(context);
    }
}
