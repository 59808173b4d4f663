using System.Globalization;
using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Microsoft.AspNetCore.Antiforgery;

namespace Lazaret.Node.Identity.People.Pages;

/// <summary>What every request to the pages of sign-in must hold, before one of them looks at it.</summary>
internal sealed class PageGate(PersonPages pages, BrowserOrigin origin, AttemptLimit attempts, IAntiforgery forms)
{
    private const int WaitSeconds = 10;

    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        if (await FaultAsync(http) is { } fault)
            await fault.ExecuteAsync(http);
        else
            await next(http);
    }

    private async Task<IResult?> FaultAsync(HttpContext http)
    {
        if (!origin.IsPrivate(http.Request))
            return Refuse(http, StatusCodes.Status400BadRequest, "insecure", "Not over this connection", "People sign in over https, or on the node's own machine at http://localhost: on any other connection others could read what is typed.");
        if (!HttpMethods.IsPost(http.Request.Method))
            return null;
        if (!origin.IsSame(http.Request))
            return Refuse(http, StatusCodes.Status400BadRequest, "foreign-origin", "Not from this node's page", "This request did not come from a page of this node.");
        // Whoever signs out tries nothing, and must be able to where others of the same address try much.
        if (!http.Request.Path.Equals("/sign-out", StringComparison.OrdinalIgnoreCase) && !attempts.Takes(http.Connection.RemoteIpAddress))
        {
            http.Response.Headers.RetryAfter = WaitSeconds.ToString(CultureInfo.InvariantCulture);
            return Refuse(http, StatusCodes.Status429TooManyRequests, "too-many-attempts", "Too many attempts", $"Too many attempts came from your address: wait {WaitSeconds} seconds.");
        }

        return await IsOfAPageAsync(http)
            ? null
            : Refuse(http, StatusCodes.Status400BadRequest, "stale-form", "The page is too old", "The form came from a page that is too old, or this browser keeps no cookies: open the page again.");
    }

    // A script's JSON needs no token: no other site's page can send it here with this origin, nor read what a form of ours holds.
    private async Task<bool> IsOfAPageAsync(HttpContext http) =>
        !http.Request.HasFormContentType || (await http.Request.ReadSmallFormAsync() is not null && await forms.IsRequestValidAsync(http));

    private IResult Refuse(HttpContext http, int status, string type, string title, string words) =>
        BrowserOrigin.WantsPage(http.Request)
            ? pages.Told(status, title, words)
            : TypedResults.Problem(Problems.Of(status, type, title, words));
}
