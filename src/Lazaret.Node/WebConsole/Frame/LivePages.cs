using Lazaret.Node.Identity;

namespace Lazaret.Node.WebConsole.Frame;

/// <summary>Notes for a page that keeps itself up to date how far the node was before anything of the page was read: whatever comes after is news to it.</summary>
internal static class LivePages
{
    /// <summary>The mark; null where the page is none of these.</summary>
    public static string? SeenBy(HttpContext http) => http.Items[typeof(LivePages)] as string;

    public static async Task NoteAsync(HttpContext http, RequestDelegate next)
    {
        http.Items[typeof(LivePages)] = await http.RequestServices.GetRequiredService<ConsolePulse>().NowAsync(Requester.Of(http.User), http.RequestAborted);
        await next(http);
    }
}
