using System.Text.Encodings.Web;
using Lazaret.Node.Configuration;
using Lazaret.Node.Identity;
using Lazaret.Node.Identity.People.Pages;

namespace Lazaret.Node.WebConsole.Frame;

/// <summary>Why a browser does not get the page of the console that it asked for. It needs no database and nobody signed in: either may be what is wrong.</summary>
/// <param name="title">What is wrong.</param>
/// <param name="words">What to do.</param>
/// <param name="signsIn">Whether to sign in is the next step.</param>
internal sealed class ProblemPage(int status, string title, string words, bool signsIn = false) : IResult
{
    private static readonly HtmlEncoder Html = HtmlEncoder.Default;

    /// <summary>Whether errors of this request are for a person to read.</summary>
    public static bool IsFor(HttpRequest request) => request.Path.StartsWithSegments(ConsoleEndpoints.Path, StringComparison.OrdinalIgnoreCase) && BrowserOrigin.WantsPage(request);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        var root = services.GetRequiredService<BrowserOrigin>().Prefix;
        var site = Html.Encode(services.GetRequiredService<SiteOptions>().Name);
        PagePolicy.Write(httpContext.Response.Headers);
        httpContext.Response.Headers.CacheControl = "no-store";
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
            <section class="panel"><p role="alert">{Html.Encode(words)}</p>
            <p>{(signsIn ? $"""<a class="btn go" href="{root}/sign-in" target="_blank" rel="noopener">Sign in in another tab</a>""" : $"""<a class="btn" href="{root}{Chapter.Home.Path}">To the console</a>""")}</p></section>
            </div></main>
            </body>
            </html>
            """,
            "text/html; charset=utf-8",
            statusCode: status).ExecuteAsync(httpContext);
    }
}
