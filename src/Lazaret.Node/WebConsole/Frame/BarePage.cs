using System.Text.Encodings.Web;
using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Pages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Lazaret.Node.WebConsole.Frame;

/// <summary>A page in the console's look that needs no database and nobody signed in.</summary>
internal static class BarePage
{
    private static readonly HtmlEncoder Html = HtmlEncoder.Default;

    /// <param name="http">The request; the answer's headers are set.</param>
    /// <param name="status">The answer's status code.</param>
    /// <param name="title">The title, as text.</param>
    /// <param name="body">The body, as HTML.</param>
    public static ContentHttpResult Of(HttpContext http, int status, string title, string body)
    {
        var root = http.RequestServices.GetRequiredService<BrowserOrigin>().Prefix;
        var site = Html.Encode(http.RequestServices.GetRequiredService<SiteOptions>().Name);
        PagePolicy.Write(http.Response.Headers);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Content(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Html.Encode(title)} · {site} · Lazaret</title>
            <link rel="stylesheet" href="{root}{ConsoleFiles.Style}">
            <link rel="icon" href="data:,">
            </head>
            <body>
            <header class="top"><div class="wrap"><a class="brand" href="{root}{Chapter.Home.Path}">Lazaret<span>{site}</span></a></div></header>
            <main><div class="wrap">
            <div class="head"><div><h1>{Html.Encode(title)}</h1></div></div>
            {body}
            </div></main>
            </body>
            </html>
            """,
            "text/html; charset=utf-8",
            statusCode: status);
    }
}
