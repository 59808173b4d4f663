using Lazaret.Node.Http;
using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Node.Identity.People.Sessions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Lazaret.Node.Identity.People.Pages;

/// <summary>Signing in and out, and who one is.</summary>
internal static class PersonEndpoints
{
    // Many times what a form or a passkey takes.
    private const long MostBytes = 16 << 10;
    private const string Console = "/console";
    private const string Wrong = "Name, password or code is wrong, or too many sign-ins failed: after five failures an account is locked for 15 minutes.";
    private const string WrongPasskey = "This node does not know this passkey, or the sign-in took too long: try again.";

    private static readonly PageFile Style = new("people.css", "text/css");
    private static readonly PageFile Script = new("people.js", "text/javascript");

    public static void MapPeople(this IEndpointRouteBuilder node, AuthOptions options)
    {
        node.MapGet("/session", WhoAmI).WithTags("Session").WithSummary("Who asks, and until when the session lasts");
        if (!options.HasPeople)
            return;
        var pages = node.MapGroup("").ExcludeFromDescription().WithMetadata(new RequestSizeLimitAttribute(MostBytes)).StartWith((http, next) => http.RequestServices.GetRequiredService<PageGate>().PassAsync(http, next));
        pages.MapGet("/sign-in", Begin);
        pages.MapGet("/sign-in/people.css", Style.Send);
        pages.MapGet("/sign-in/people.js", Script.Send);
        pages.MapPost("/sign-out", SignOutAsync);
        if (options.Takes(AuthModes.Oidc))
            pages.MapGet("/sign-in/provider", ToProviderAsync);
        if (!options.Takes(AuthModes.Accounts))
            return;
        pages.MapPost("/sign-in", SignInAsync);
        pages.MapPost("/sign-in/passkey/options", OfferAsync);
        pages.MapPost("/sign-in/passkey", SignInByPasskeyAsync);
        pages.MapSetup();
    }

    /// <summary>Begins the person's session.</summary>
    /// <returns>False when what they signed in with was taken away meanwhile.</returns>
    public static async Task<bool> BeginSessionAsync(this HttpContext http, Requester requester)
    {
        try
        {
            await http.SignInAsync(SessionScheme.Name, requester.ToPrincipal(AuthModes.Accounts));
            return true;
        }
        catch (SignInOverException)
        {
            return false;
        }
    }

    /// <summary>The form that <see cref="PageGate"/> has read; an empty one where something else came.</summary>
    public static IFormCollection FormOf(this HttpContext http) => http.Request.HasFormContentType ? http.Request.Form : FormCollection.Empty;

    private static async Task<Ok<SessionAnswer>> WhoAmI(Requester requester, HttpContext http, AuthOptions options)
    {
        // Of a key or token there is no session.
        var session = http.User.Identity!.AuthenticationType is AuthModes.Oidc or AuthModes.Accounts ? (await http.AuthenticateAsync()).Properties : null;
        return TypedResults.Ok(new SessionAnswer(
            requester.Name,
            [.. RoleNames.Of(requester.Roles)],
            http.User.Identity.AuthenticationType!,
            http.User.FindFirst(SessionStore.DisplayName)?.Value,
            session?.ExpiresUtc,
            session is null ? null : options.Session.IdleMinutes * 60));
    }

    private static IResult Begin(HttpContext http, PersonPages page, BrowserOrigin origin) =>
        http.User.Identity is not { IsAuthenticated: true } ? page.SignIn(http)
            : ReturnPath.Take(http, origin, Console) is { } path ? new SeeOther(page.At(path))
            : page.SignedIn(http, Requester.Of(http.User));

    private static async Task<IResult> SignInAsync(HttpContext http, PersonPages page, PasswordSignIn accounts)
    {
        var form = http.FormOf();
        if (await accounts.TryAsync(http, form["name"].ToString(), form["password"].ToString(), form["code"].ToString()) is not { } requester || !await http.BeginSessionAsync(requester))
            return page.SignIn(http, Wrong, StatusCodes.Status403Forbidden, form["name"].ToString());
        return Next(page);
    }

    private static async Task<ContentHttpResult> OfferAsync(SignInManager<Person> passkeys) => TypedResults.Content(await passkeys.MakePasskeyRequestOptionsAsync(null), "application/json");

    private static async Task<IResult> SignInByPasskeyAsync(
        HttpContext http, PasskeyProof proof, SignInManager<Person> passkeys, PasskeySignIn signIn, AuthenticationAudit audit, PersonPages page)
    {
        // Without it no sign-in has begun in this browser, and the framework would throw.
        var begun = (await http.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme)).Succeeded;
        if (!begun || proof.Credential is not { } credential || await passkeys.PerformPasskeyAssertionAsync(credential.GetRawText()) is not { Succeeded: true } shown
            || await signIn.UseAsync(shown.User, shown.Passkey, http.RequestAborted) is not { } requester
            || !await http.BeginSessionAsync(requester))
        {
            await audit.RefusedAsync(http, null, "POST /sign-in/passkey", "the passkey does not hold");
            return TypedResults.Problem(Problems.Of(StatusCodes.Status403Forbidden, "not-signed-in", "Not signed in", WrongPasskey));
        }

        return TypedResults.Ok(new NextPage(page.At("/sign-in")));
    }

    private static async Task<IResult> SignOutAsync(HttpContext http, PersonPages page, PeopleDirectory people)
    {
        if (http.FormOf().ContainsKey(PersonPages.Everywhere) && http.User.Identity is { IsAuthenticated: true })
        {
            var name = Requester.Of(http.User).Name;
            await people.EndSessionsAsync(name, name, http.RequestAborted);
        }

        await http.SignOutAsync(SessionScheme.Name);
        return new SeeOther(page.At("/sign-in"));
    }

    private static async Task<IResult> ToProviderAsync(HttpContext http, PersonPages page, IOptionsMonitor<OpenIdConnectOptions> oidc)
    {
        try
        {
            await oidc.Get(AuthModes.Oidc).ConfigurationManager!.GetConfigurationAsync(http.RequestAborted);
        }
        catch (Exception e) when (e is InvalidOperationException or HttpRequestException or IOException)
        {
            return page.Told(StatusCodes.Status503ServiceUnavailable, "The provider does not answer", "Your hospital's sign-in service cannot be reached from this node now. Try again in a minute.");
        }

        await http.ChallengeAsync(AuthModes.Oidc, new AuthenticationProperties { RedirectUri = page.At("/sign-in") });
        return TypedResults.Empty;
    }

    /// <summary>To the page that says who one is.</summary>
    public static IResult Next(PersonPages page) => new SeeOther(page.At("/sign-in"));
}
