using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Sessions;

namespace Lazaret.Node.WebConsole.Forms;

/// <summary>
/// A sentence about what was done, shown once on the page to which the browser is redirected. It travels in a cookie, so that nobody can make an address that shows
/// a sentence of theirs.
/// </summary>
internal static class Notice
{
    private const string Cookie = "lazaret-notice";
    private const int Longest = 400;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    public static void Keep(HttpContext http, string words)
    {
        http.Response.Cookies.Append(Cookie, words.Length <= Longest ? words : $"{words[..Longest]}…", Options(http));
    }

    /// <summary>The sentence, which is then deleted; null for none, and for a page that the browser fetches again by itself, since its reader may not look.</summary>
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
