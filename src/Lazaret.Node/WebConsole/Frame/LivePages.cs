using Lazaret.Node.Identity;

namespace Lazaret.Node.WebConsole.Frame;

/// <summary>For pages that update themselves: notes the mark of <see cref="ConsolePulse"/> before any data of the page is read. Whatever happens later is new to the page.</summary>
internal static class LivePages
{
    /// <summary>The mark; null when the page does not update itself.</summary>
    public static string? SeenBy(HttpContext http) => http.Items[typeof(LivePages)] as string;

    public static async Task NoteAsync(HttpContext http, RequestDelegate next)
    {
        http.Items[typeof(LivePages)] = await http.RequestServices.GetRequiredService<ConsolePulse>().NowAsync(Requester.Of(http.User), http.RequestAborted);
        await next(http);
    }
}
