using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Node.Http;
using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Node.Identity.People.Sessions;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Lazaret.Node.Identity.People.Pages;

/// <summary>Signing in and out, and who one is.</summary>
internal static class PersonEndpoints
{
    private const long MostBytes = 64 << 10;
    private const string Wrong = "Name, password or code is wrong, or too many tries failed: after five the account rests for 15 minutes.";
    private const string WrongPasskey = "This passkey is not one of this node's, or the sign-in took too long: try it again.";

    public static void MapPeople(this IEndpointRouteBuilder node, AuthOptions options)
    {
        node.MapGet("/session", WhoAmI).WithTags("Session").WithSummary("Who asks, and until when the session lasts");
        if (!options.HasPeople)
            return;
        var pages = node.MapGroup("").ExcludeFromDescription().WithMetadata(new RequestSizeLimitAttribute(MostBytes)).AddEndpointFilter<RouteGroupBuilder, PageGate>();
        pages.MapGet("/sign-in", (HttpContext http, PersonPages page) => http.User.Identity is { IsAuthenticated: true } ? page.SignedIn(http, Requester.Of(http.User)) : page.SignIn(http));
        pages.MapGet("/sign-in/people.css", () => File("people.css", "text/css"));
        pages.MapGet("/sign-in/people.js", () => File("people.js", "text/javascript"));
        pages.MapPost("/sign-out", SignOutAsync);
        pages.MapGet("/sign-in/provider", ToProviderAsync);
        pages.MapPost("/sign-in", SignInAsync);
        pages.MapPost("/sign-in/passkey/options", OfferAsync);
        pages.MapPost("/sign-in/passkey", SignInByPasskeyAsync);
        pages.MapSetup();
    }

    /// <summary>Begins the person's session.</summary>
    public static Task BeginSessionAsync(this HttpContext http, Requester requester) => http.SignInAsync(SessionScheme.Name, requester.ToPrincipal(AuthModes.Accounts));

    /// <summary>Whether this node has accounts of its own: where it has none their pages are not there.</summary>
    public static bool Has(this AuthOptions options, string mode) => options.Modes.Contains(mode);

    /// <summary>The form that <see cref="PageGate"/> has read; an empty one where something else came.</summary>
    public static IFormCollection FormOf(this HttpContext http) => http.Request.HasFormContentType ? http.Request.Form : FormCollection.Empty;

    private static async Task<Ok<SessionAnswer>> WhoAmI(Requester requester, HttpContext http, AuthOptions options)
    {
        http.Response.Headers.CacheControl = "no-store";
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

    private static async Task<IResult> SignInAsync(HttpContext http, PersonPages page, PasswordSignIn accounts, AuthOptions options)
    {
        if (!options.Has(AuthModes.Accounts))
            return TypedResults.NotFound();
        var form = http.FormOf();
        if (await accounts.TryAsync(form["name"].ToString(), form["password"].ToString(), form["code"].ToString(), http.RequestAborted) is not { } requester)
            return page.SignIn(http, Wrong, StatusCodes.Status403Forbidden);
        await http.BeginSessionAsync(requester);
        return Next(page);
    }

    private static async Task<IResult> OfferAsync(HttpContext http, SignInManager<Person> passkeys, AuthOptions options) =>
        options.Has(AuthModes.Accounts) ? TypedResults.Content(await passkeys.MakePasskeyRequestOptionsAsync(null), "application/json") : TypedResults.NotFound();

    private static async Task<IResult> SignInByPasskeyAsync(
        HttpContext http, PasskeyProof proof, SignInManager<Person> passkeys, UserManager<Person> users, LazaretDb db, AuthenticationAudit audit, PersonPages page, AuthOptions options)
    {
        if (!options.Has(AuthModes.Accounts))
            return TypedResults.NotFound();
        var stopped = http.RequestAborted;
        // Without it no sign-in has begun in this browser, and the framework would throw.
        var begun = (await http.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme)).Succeeded;
        if (!begun || await passkeys.PerformPasskeyAssertionAsync(proof.Credential.GetRawText()) is not { Succeeded: true } shown
            || await db.Requesters.SingleOrDefaultAsync(r => r.Id == shown.User.Id && r.RevokedAt == null, stopped) is not { } requester)
        {
            await audit.RefusedAsync(null, "POST /sign-in/passkey", "the passkey does not hold");
            return TypedResults.Problem(Problems.Of(StatusCodes.Status403Forbidden, "not-signed-in", "Not signed in", WrongPasskey));
        }

        // Its counter of signatures, by which a copied one is noticed.
        await users.AddOrUpdatePasskeyAsync(shown.User, shown.Passkey);
        await http.BeginSessionAsync(new Requester(requester.Name, requester.Role));
        return TypedResults.Ok(new NextPage(page.At("/")));
    }

    private static async Task<IResult> SignOutAsync(HttpContext http, PersonPages page)
    {
        await http.SignOutAsync(SessionScheme.Name);
        return new SeeOther(page.At("/sign-in"));
    }

    private static async Task<IResult> ToProviderAsync(HttpContext http, PersonPages page, AuthOptions options, IOptionsMonitor<OpenIdConnectOptions> oidc)
    {
        if (!options.Has(AuthModes.Oidc))
            return TypedResults.NotFound();
        try
        {
            await oidc.Get(AuthModes.Oidc).ConfigurationManager!.GetConfigurationAsync(http.RequestAborted);
        }
        catch (Exception e) when (e is InvalidOperationException or HttpRequestException or IOException)
        {
            return page.Told(StatusCodes.Status503ServiceUnavailable, "The provider does not answer", "Your hospital's sign-in service cannot be reached from this node now. Try again in a minute.");
        }

        await http.ChallengeAsync(AuthModes.Oidc, new AuthenticationProperties { RedirectUri = page.At("/") });
        return TypedResults.Empty;
    }

    /// <summary>To the node's first page.</summary>
    public static IResult Next(PersonPages page) => new SeeOther(page.At("/"));

    private static FileContentHttpResult File(string name, string mediaType)
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return TypedResults.File(bytes.ToArray(), $"{mediaType}; charset=utf-8");
    }
}

/// <summary>A passkey's answer to the node's challenge, as the browser writes it.</summary>
internal sealed record PasskeyProof(JsonElement Credential);

/// <summary>Where the browser goes on.</summary>
internal sealed record NextPage([property: JsonPropertyName("next")] string Next);

/// <summary>Who asks.</summary>
/// <param name="Name">As audit and projects name them.</param>
/// <param name="Mode">The authentication mode by which they proved it.</param>
/// <param name="DisplayName">What a page calls them.</param>
/// <param name="EndsAt">When the session ends, whatever happens; null without a session.</param>
/// <param name="IdleSeconds">After how long without a request it ends before that.</param>
internal sealed record SessionAnswer(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("roles")] IReadOnlyList<string> Roles,
    [property: JsonPropertyName("mode")] string Mode,
    [property: JsonPropertyName("display_name")] string? DisplayName,
    [property: JsonPropertyName("ends_at")] DateTimeOffset? EndsAt,
    [property: JsonPropertyName("idle_seconds")] int? IdleSeconds);
