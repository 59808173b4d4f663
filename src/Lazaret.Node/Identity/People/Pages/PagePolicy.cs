namespace Lazaret.Node.Identity.People.Pages;

/// <summary>A policy by which the browser runs and shows nothing but the node's own files. <see cref="Http.SecurityHeaders"/> adds the rest.</summary>
internal static class PagePolicy
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void Write(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        // With no-referrer a browser would send forms with "Origin: null", and they would be taken for another site's.
        headers["Referrer-Policy"] = "same-origin";
    }
}
