using System.Text.Json;
using Lazaret.Node.Http;
using Lazaret.Node.Identity.People.Accounts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;

namespace Lazaret.Node.Identity.People.Pages;

/// <summary>What a person's one-time link leads to. The link is asked for at each step, and used up by the last.</summary>
internal static class SetupEndpoints
{
    private const string Over = "This link is not valid: this node did not make it, it was used already, or it is older than a day. Ask for a new one.";

    public static void MapSetup(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/sign-in/setup", (HttpContext http, PersonPages page) => page.Begin(http));
        pages.MapPost("/sign-in/setup", BeginAsync);
        pages.MapPost("/sign-in/setup/password", SetPasswordAsync);
        pages.MapPost("/sign-in/setup/passkey/options", OfferPasskeyAsync);
        pages.MapPost("/sign-in/setup/passkey", SetPasskeyAsync);
    }

    private static async Task<IResult> BeginAsync(HttpContext http, CredentialSetup setup, AuthenticationAudit audit, PersonPages page)
    {
        var link = http.FormOf()["link"].ToString();
        if (await setup.FindAsync(link, http.RequestAborted) is not var (person, _))
            return await RefuseAsync(http, audit, page);
        var (secret, kept) = setup.OfferAuthenticator(link);
        return page.SetUp(http, person.UserName!, link, secret, kept);
    }

    private static async Task<IResult> SetPasswordAsync(HttpContext http, CredentialSetup setup, AuthenticationAudit audit, PersonPages page)
    {
        var form = http.FormOf();
        var (link, kept) = (form["link"].ToString(), form["kept"].ToString());
        if (await setup.FindAsync(link, http.RequestAborted) is not var (person, requester) || setup.SecretOf(link, kept) is not { } secret)
            return await RefuseAsync(http, audit, page);
        var fault = await setup.SetPasswordAsync(link, person, form["password"].ToString(), form["again"].ToString(), form["code"].ToString(), secret, http.RequestAborted);
        if (fault is not null)
            return page.SetUp(http, person.UserName!, link, secret, kept, fault, StatusCodes.Status422UnprocessableEntity);
        return await http.BeginSessionAsync(requester) ? PersonEndpoints.Next(page) : await RefuseAsync(http, audit, page);
    }

    private static async Task<IResult> OfferPasskeyAsync(HttpContext http, PasskeySetup asked, CredentialSetup setup, AuthenticationAudit audit)
    {
        return await setup.FindAsync(asked.Link ?? "", http.RequestAborted) is var (person, _)
            ? TypedResults.Content(await setup.OfferPasskeyAsync(person), "application/json")
            : await RefuseAsync(http, audit, null);
    }

    private static async Task<IResult> SetPasskeyAsync(HttpContext http, PasskeySetup made, CredentialSetup setup, AuthenticationAudit audit, PersonPages page)
    {
        if (await setup.FindAsync(made.Link ?? "", http.RequestAborted) is not var (person, requester)
            || made.Credential is not { } credential
            // Without it no set-up has begun in this browser, and the framework would throw.
            || !(await http.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme)).Succeeded
            || !await setup.SetPasskeyAsync(made.Link!, person, credential.GetRawText(), http.RequestAborted)
            || !await http.BeginSessionAsync(requester))
            return await RefuseAsync(http, audit, null);
        return TypedResults.Ok(new NextPage(page.At("/sign-in")));
    }

    /// <param name="page">Null where a script asked.</param>
    private static async Task<IResult> RefuseAsync(HttpContext http, AuthenticationAudit audit, PersonPages? page)
    {
        await audit.RefusedAsync(http, null, $"POST {((RouteEndpoint)http.GetEndpoint()!).RoutePattern.RawText}", "the one-time link or what was set up by it does not hold");
        return page is not null
            ? page.Begin(http, Over, StatusCodes.Status403Forbidden)
            : TypedResults.Problem(Problems.Of(StatusCodes.Status403Forbidden, "link-over", "This link does not hold", Over));
    }

    internal sealed record PasskeySetup(string? Link, JsonElement? Credential);
}
