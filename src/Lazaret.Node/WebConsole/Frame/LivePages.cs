namespace Lazaret.Node.WebConsole.Frame;

/// <summary>Notes for a page that keeps itself up to date how far the node was before anything of the page was read: whatever comes after is news to it.</summary>
internal sealed class LivePages(ConsolePulse pulse) : IEndpointFilter
{
    /// <summary>The number; null where the page is none of these.</summary>
    public static long? SeenBy(HttpContext http) => http.Items[typeof(LivePages)] as long?;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Items[typeof(LivePages)] = await pulse.NowAsync(context.HttpContext.RequestAborted);
        return await next(context);
    }
}
