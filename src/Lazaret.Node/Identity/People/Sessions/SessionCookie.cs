using Microsoft.AspNetCore.Authentication.Cookies;

namespace Lazaret.Node.Identity.People.Sessions;

/// <summary>
/// The cookie by its name. The prefix <c>__Host-</c> binds it to this host, to encrypted connections and to the whole site: neither another host of
/// the hospital nor somebody on the way can plant one. On this machine's own address without TLS a browser would refuse such a name.
/// </summary>
internal sealed class SessionCookie(BrowserOrigin origin) : ICookieManager
{
    private const string Bare = "lazaret";

    /// <summary>What a request brings; null on a connection that others can read.</summary>
    public string? Shown(HttpRequest request) => origin.IsPrivate(request) ? request.Cookies[NameFor(request)] : null;

    /// <summary>What takes part in authentication. A sign-in must not see an earlier session: the framework would put the new one in its place, under the old id.</summary>
    public string? Of(HttpRequest request) => SignsIn(request) ? null : Shown(request);

    public string? GetRequestCookie(HttpContext context, string key) => Of(context.Request);

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
        context.Response.Cookies.Append(NameFor(context.Request), value ?? "", Kept(context, options));

    public void DeleteCookie(HttpContext context, string key, CookieOptions options) =>
        context.Response.Cookies.Delete(NameFor(context.Request), Kept(context, options));

    private CookieOptions Kept(HttpContext context, CookieOptions options)
    {
        options.Secure = origin.IsEncrypted(context.Request);
        return options;
    }

    private string NameFor(HttpRequest request) => origin.IsEncrypted(request) ? $"__Host-{Bare}" : Bare;

    private static bool SignsIn(HttpRequest request) =>
        request.Path.StartsWithSegments("/sign-in", StringComparison.OrdinalIgnoreCase, out var rest) && (rest.HasValue || HttpMethods.IsPost(request.Method));
}
