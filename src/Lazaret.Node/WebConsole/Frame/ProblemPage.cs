using System.Text.Encodings.Web;
using Lazaret.Node.Identity;

namespace Lazaret.Node.WebConsole.Frame;

/// <summary>
/// The page that says why a browser does not get the page of the console that it asked for. It needs no database and nobody signed in, since one of these may be
/// what is wrong.
/// </summary>
/// <param name="title">What is wrong.</param>
/// <param name="words">What to do.</param>
/// <param name="signsIn">Whether the next step is to sign in.</param>
internal sealed class ProblemPage(int status, string title, string words, bool signsIn = false) : IResult
{
    private static readonly HtmlEncoder Html = HtmlEncoder.Default;

    /// <summary>Whether a person will read the errors of this request.</summary>
    public static bool IsFor(HttpRequest request) => request.Path.StartsWithSegments(ConsoleEndpoints.Path, StringComparison.OrdinalIgnoreCase) && BrowserOrigin.WantsPage(request);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var root = httpContext.RequestServices.GetRequiredService<BrowserOrigin>().Prefix;
        return BarePage.Of(
            httpContext,
            status,
            title,
            $"""
            <section class="panel"><p role="alert">{Html.Encode(words)}</p>
            <p>{(signsIn ? $"""<a class="btn go" href="{root}/sign-in" target="_blank" rel="noopener">Sign in in another tab</a>""" : $"""<a class="btn" href="{root}{Chapter.Home.Path}">To the console</a>""")}</p></section>
            """).ExecuteAsync(httpContext);
    }
}
