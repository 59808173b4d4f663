using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Sessions;

namespace Lazaret.Node.WebConsole.Forms;

/// <summary>A sentence about what was done, for the page to which the browser goes on: once, in a cookie, so that no address that somebody else made can bring one.</summary>
internal static class Notice
{
    private const string Cookie = "lazaret-notice";
    private const int Longest = 400;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    public static void Keep(HttpContext http, string words)
    {
        http.Response.Cookies.Append(Cookie, words.Length <= Longest ? words : $"{words[..Longest]}…", Options(http));
    }

    /// <summary>Null for none, and for a page that a window fetches again by itself: nobody looks for it there.</summary>
    public static string? Take(HttpContext http)
    {
        if (http.Request.Headers.ContainsKey(SessionStore.Unattended) || http.Request.Cookies[Cookie] is not { Length: > 0 and <= Longest + 1 } words)
            return null;
        http.Response.Cookies.Delete(Cookie, Options(http));
        return words;
    }

    private static CookieOptions Options(HttpContext http)
    {
        var origin = http.RequestServices.GetRequiredService<BrowserOrigin>();
        return new CookieOptions { Path = origin.Prefix + ConsoleEndpoints.Path, HttpOnly = true, Secure = origin.IsEncrypted(http.Request), SameSite = SameSiteMode.Strict, MaxAge = Kept, IsEssential = true };
    }
}
