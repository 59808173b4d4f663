using Lazaret.Node.WebConsole.Frame;
using Microsoft.AspNetCore.Http.HttpResults;
using Scalar.AspNetCore;

namespace Lazaret.Node.WebConsole;

/// <summary><c>/docs</c>: the interface's description as pages, made by Scalar. Its script comes with the package, so that the browser asks no other server for anything.</summary>
internal static class ApiReference
{
    // Scalar's script writes styles into its elements, shows pictures that it holds itself, and may send what a reader tries to this node only.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

    // Scalar's own greys are too faint to read.
    private const string Contrast = ".light-mode{--scalar-color-2:#404040;--scalar-color-3:#595959}.dark-mode{--scalar-color-2:#d0d0d0;--scalar-color-3:#b0b0b0}.dark-mode a.no-underline{color:#b0b0b0!important;opacity:1!important}";

    private const string Kept = "public, max-age=86400";

    public static void MapApiReference(this IEndpointRouteBuilder node)
    {
        node.MapGet("/docs", Show).ExcludeFromDescription();
        node.MapGet("/docs/scalar.js", Send).ExcludeFromDescription();
    }

    private static ContentHttpResult Show(HttpContext http, FrameDesk frame)
    {
        http.Response.Headers.ContentSecurityPolicy = Policy;
        return TypedResults.Content(
            $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>API · Lazaret</title><link rel="icon" href="data:,"></head>
            <body>
            <header style="padding: 8px 16px; font: 14px/1.5 system-ui, sans-serif; color-scheme: light dark; background: Canvas"><a href="{frame.At(ConsoleEndpoints.Path)}" style="color: CanvasText">← Lazaret’s console</a></header>
            <noscript>This page needs a script. The description itself is at <a href="{frame.At("/openapi/v1.json")}">openapi/v1.json</a>.</noscript>
            <script id="api-reference" data-url="{frame.At("/openapi/v1.json")}" data-configuration='{"{"}"withDefaultFonts":false,"customCss":"{Contrast}","telemetry":false,"showDeveloperTools":"never","hideClientButton":true,"agent":{"{"}"disabled":true{"}"},"mcp":{"{"}"disabled":true{"}"}{"}"}'></script>
            <script src="{frame.At("/docs/scalar.js")}"></script>
            </body>
            </html>
            """,
            "text/html; charset=utf-8");
    }

    private static FileStreamHttpResult Send(HttpContext http)
    {
        http.Response.Headers.CacheControl = Kept;
        // The script lies compressed in the package.
        http.Response.Headers.ContentEncoding = "gzip";
        return TypedResults.Stream(typeof(ScalarOptions).Assembly.GetManifestResourceStream("ScalarStaticAssets.scalar.js")!, "text/javascript; charset=utf-8");
    }
}
