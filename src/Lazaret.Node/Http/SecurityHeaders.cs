namespace Lazaret.Node.Http;

/// <summary>Headers of every answer that tell a browser what it must not do with it. An endpoint whose answer is a page sets its own policies.</summary>
internal static class SecurityHeaders
{
    // Nothing in an answer runs, loads or is framed.
    private const string Policy = "default-src 'none'; frame-ancestors 'none'";
    private const string Permissions = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";
    private const string OneYear = "max-age=31536000";

    public static void UseSecurityHeaders(this WebApplication node) => node.Use((context, next) =>
    {
        // When the answer begins: an error takes away what was set before it.
        context.Response.OnStarting(static state => Complete((HttpContext)state), context);
        return next(context);
    });

    private static Task Complete(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Permissions-Policy"] = Permissions;
        headers.TryAdd("Referrer-Policy", "no-referrer");
        if (headers.ContentSecurityPolicy.Count == 0)
            headers.ContentSecurityPolicy = Policy;
        // Most answers hold data, and those that do not are quickly fetched again.
        if (headers.CacheControl.Count == 0)
            headers.CacheControl = "no-store";
        if (context.Request.IsHttps)
            headers.StrictTransportSecurity = OneYear;
        return Task.CompletedTask;
    }
}
