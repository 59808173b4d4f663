namespace Lazaret.Node.Identity.People.Pages;

/// <summary>A page, under a policy by which the browser runs and shows nothing but the node's own files. <see cref="Http.SecurityHeaders"/> adds the rest.</summary>
internal sealed class PageResult(int status, string html) : IResult
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        // With no-referrer a browser would send forms with "Origin: null", and they would be taken for another site's.
        headers["Referrer-Policy"] = "same-origin";
        return TypedResults.Content(html, "text/html; charset=utf-8", statusCode: status).ExecuteAsync(httpContext);
    }
}
