namespace Lazaret.Node.Identity.People.Pages;

/// <summary>
/// The page of the console from which somebody was led to sign in, and to which they go on: in a cookie that the pages of sign-in alone get, so that every way to sign in ends there, and
/// neither an address nor a page of sign-in names what was asked for.
/// </summary>
internal static class ReturnPath
{
    private const string Cookie = "lazaret-return";
    private const int Longest = 2000;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    /// <summary>Notes the page that this request is for.</summary>
    public static void Keep(HttpContext http, BrowserOrigin origin)
    {
        if ($"{http.Request.Path}{http.Request.QueryString}" is { Length: <= Longest } path)
            http.Response.Cookies.Append(Cookie, path, Options(http, origin));
    }

    /// <summary>The page, once; null for none. Whatever a cookie says, it is below <paramref name="root"/>, and so on this node.</summary>
    /// <param name="root">Where pages are to which anybody may be led.</param>
    public static string? Take(HttpContext http, BrowserOrigin origin, string root)
    {
        if (http.Request.Cookies[Cookie] is not { Length: > 0 and <= Longest } path)
            return null;
        http.Response.Cookies.Delete(Cookie, Options(http, origin));
        var isBelow = path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] is '/' or '?');
        return isBelow && !path.Any(letter => char.IsControl(letter) || letter is '\\' || !char.IsAscii(letter)) ? path : null;
    }

    // Lax: whoever comes back from their hospital's provider comes from another site.
    private static CookieOptions Options(HttpContext http, BrowserOrigin origin) => new()
    {
        Path = $"{origin.Prefix}/sign-in",
        HttpOnly = true,
        Secure = origin.IsEncrypted(http.Request),
        SameSite = SameSiteMode.Lax,
        MaxAge = Kept,
        IsEssential = true,
    };
}
