using Lazaret.Node.Identity;

namespace Lazaret.Node.WebConsole.Frame;

/// <summary>Notes for a page that keeps itself up to date how far the node was before anything of the page was read: whatever comes after is news to it.</summary>
internal sealed class LivePages(ConsolePulse pulse) : IEndpointFilter
{
    /// <summary>The mark; null where the page is none of these.</summary>
    public static string? SeenBy(HttpContext http) => http.Items[typeof(LivePages)] as string;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Items[typeof(LivePages)] = await pulse.NowAsync(Requester.Of(http.User), http.RequestAborted);
        return await next(context);
    }
}
