using System.Text.Encodings.Web;
using Lazaret.Node.Configuration;
using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Node.Identity.People.Sessions;
using Microsoft.AspNetCore.Antiforgery;

namespace Lazaret.Node.Identity.People.Pages;

/// <summary>The pages on which people sign in: plain HTML, with a stylesheet and a script of the node's own, and nothing from elsewhere.</summary>
internal sealed class PersonPages(SiteOptions site, AuthOptions auth, BrowserOrigin origin, IAntiforgery forms)
{
    /// <summary>The field by which somebody ends all their sessions.</summary>
    public const string Everywhere = "everywhere";

    private const int LongestName = 64;

    private static readonly HtmlEncoder Html = HtmlEncoder.Default;
    private static readonly string NewPassword = $"required minlength=\"{PasswordRules.Shortest}\" maxlength=\"{PasswordRules.Longest}\"";

    /// <summary>The node's address of this path, where a proxy puts it below another.</summary>
    public string At(string path) => origin.Prefix + path;

    /// <param name="fault">Why it failed before; null at the first time.</param>
    /// <param name="name">What was typed as the name then.</param>
    public PageResult SignIn(HttpContext http, string? fault = null, int status = StatusCodes.Status200OK, string name = "") => Page(
        status,
        "Sign in",
        $"""
        {Fault(fault)}
        {(auth.Takes(AuthModes.Accounts) ? $"""
        <section class="panel" aria-labelledby="with-passkey">
        <h2 id="with-passkey">With a passkey</h2>
        <p class="muted">Your phone, your security key or this computer shows who you are.</p>
        {Passkey(http, "/sign-in", """<button type="button" class="btn go" data-passkey="sign-in">Sign in with a passkey</button>""")}
        </section>
        <form class="panel" method="post" action="{At("/sign-in")}" aria-labelledby="with-password">
        <h2 id="with-password">With password and code</h2>
        {Token(http)}
        {Field("name", "Name", "text", "username", $"required maxlength=\"{LongestName}\" autocapitalize=\"none\" spellcheck=\"false\" value=\"{(name.Length <= LongestName ? Html.Encode(name) : "")}\"")}
        {Field("password", "Password", "password", "current-password", $"required maxlength=\"{PasswordRules.Longest}\"")}
        {Field("code", "Code", "text", "one-time-code", "required inputmode=\"numeric\" maxlength=\"7\"", "The six digits that your authenticator shows now.")}
        <button class="btn go">Sign in</button>
        </form>
        <p class="muted">Lost your authenticator, passkey or password? An operator gives you a new link.</p>
        """ : "")}
        {(auth.Takes(AuthModes.Oidc) ? $"""
        <section class="panel" aria-labelledby="with-provider">
        <h2 id="with-provider">With your hospital account</h2>
        <p class="muted">You sign in at {Html.Encode(new Uri(auth.Oidc.Authority).Host)} and come back here.</p>
        <a class="btn{(auth.Takes(AuthModes.Accounts) ? "" : " go")}" href="{At("/sign-in/provider")}">Go to your provider</a>
        </section>
        """ : "")}
        """);

    /// <summary>For those who are signed in.</summary>
    public PageResult SignedIn(HttpContext http, Requester requester) => Page(
        StatusCodes.Status200OK,
        "You are signed in",
        $"""
        <section class="panel">
        <p>You are <strong>{Html.Encode(http.User.FindFirst(SessionStore.DisplayName)?.Value ?? requester.Name)}</strong>, {Html.Encode(string.Join(", ", RoleNames.Of(requester.Roles)))}.</p>
        <p><a class="btn go" href="{At("/console")}">To the console</a></p>
        <form method="post" action="{At("/sign-out")}">{Token(http)}<button class="btn">Sign out</button> <button class="btn" name="{Everywhere}" value="yes">Sign out in every browser</button></form>
        </section>
        """);

    /// <summary>Where a link leads: its secret is behind the #, which a browser sends to nobody; the script puts it into the form.</summary>
    public PageResult Begin(HttpContext http, string? fault = null, int status = StatusCodes.Status200OK) => Page(
        status,
        "Set up how you sign in",
        $"""
        {Fault(fault)}
        <form class="panel" method="post" action="{At("/sign-in/setup")}" data-begin>
        {Token(http)}
        {Field("link", "Your link's code", "text", "off", "required maxlength=\"64\" autocapitalize=\"none\" spellcheck=\"false\"", "The part after the # in the link that you were given.")}
        <button class="btn go">Continue</button>
        </form>
        """);

    /// <param name="link">The link's secret.</param>
    /// <param name="secret">The new authenticator's secret, for the person to see.</param>
    /// <param name="kept">The same, protected, to come back with the form.</param>
    public PageResult SetUp(HttpContext http, string name, string link, string secret, string kept, string? fault = null, int status = StatusCodes.Status200OK) => Page(
        status,
        "Set up how you sign in",
        $"""
        {Fault(fault)}
        <p>Your name at this node is <strong>{Html.Encode(name)}</strong>. Choose one of the two ways to sign in. After that, your link cannot be used again.</p>
        <section class="panel" aria-labelledby="passkey">
        <h2 id="passkey">A passkey</h2>
        <p class="muted">Your phone, a security key or this computer keeps it. There is nothing to remember, and a false page cannot steal it.</p>
        {Passkey(http, $"/sign-in/setup#{link}", $"""<button type="button" class="btn go" data-passkey="set-up" data-link="{Html.Encode(link)}">Make a passkey</button>""")}
        </section>
        <form class="panel" method="post" action="{At("/sign-in/setup/password")}" aria-labelledby="password-and-code">
        <h2 id="password-and-code">Or a password and an authenticator</h2>
        {Token(http)}<input type="hidden" name="link" value="{Html.Encode(link)}"><input type="hidden" name="kept" value="{Html.Encode(kept)}">
        <input type="hidden" name="name" value="{Html.Encode(name)}" autocomplete="username">
        {Field("password", "New password", "password", "new-password", NewPassword, $"{PasswordRules.Shortest} characters or more. Several words are easy to remember and hard to guess.")}
        {Field("again", "New password, again", "password", "new-password", NewPassword)}
        <p>Enter this secret into your authenticator app:</p>
        <p><code class="secret">{Html.Encode(string.Join(' ', secret.Chunk(4).Select(four => new string(four))))}</code></p>
        <p class="small"><a href="{Html.Encode(AuthenticatorUri(name, secret))}">Open in an authenticator on this device</a></p>
        {Field("code", "Code", "text", "one-time-code", "required inputmode=\"numeric\" maxlength=\"7\"", "The six digits that the app shows now.")}
        <button class="btn{(origin.TakesPasskeys(http.Request) ? "" : " go")}">Save password and authenticator</button>
        </form>
        """);

    /// <summary>A page that says one thing.</summary>
    public PageResult Told(int status, string title, string words) => Page(
        status, title, $"""<section class="panel"><p role="alert">{Html.Encode(words)}</p><p><a class="btn" href="{At("/sign-in")}">To the sign-in page</a></p></section>""");

    private string AuthenticatorUri(string name, string secret) =>
        $"otpauth://totp/{Uri.EscapeDataString($"Lazaret {site.Name}")}:{Uri.EscapeDataString(name)}?secret={secret}&issuer={Uri.EscapeDataString($"Lazaret {site.Name}")}&digits=6&period={AuthenticatorCode.Seconds}";

    private string Passkey(HttpContext http, string path, string button) => origin.TakesPasskeys(http.Request)
        ? button
        : $"""<p>Browsers make passkeys only for a name, not for an address such as this. {(origin.ByName(http.Request) is { } named ? $"""Open <a href="{Html.Encode(named + path)}">{Html.Encode(named)}</a> instead.""" : "Here, use a password and an authenticator.")}</p>""";

    private string Token(HttpContext http)
    {
        var tokens = forms.GetAndStoreTokens(http);
        return $"""<input type="hidden" name="{tokens.FormFieldName}" value="{Html.Encode(tokens.RequestToken!)}">""";
    }

    private static string Fault(string? fault) =>
        $"""<p id="fault" class="note bad" role="alert" tabindex="-1"{(fault is null ? " hidden" : "")}>{(fault is null ? "" : Html.Encode(fault))}</p>""";

    private static string Field(string name, string label, string type, string autocomplete, string more, string? hint = null) =>
        $"""
        <div class="field"><label for="{name}">{label}</label>{(hint is null ? "" : $"<p class=\"hint\" id=\"{name}-hint\">{hint}</p>")}
        <input id="{name}" name="{name}" type="{type}" autocomplete="{autocomplete}" {more}{(hint is null ? "" : $" aria-describedby=\"{name}-hint\"")}></div>
        """;

    private PageResult Page(int status, string title, string body) => new(status,
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{Html.Encode(title)} · {Html.Encode(site.Name)} · Lazaret</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="{At("/sign-in/people.css")}">
        <script src="{At("/sign-in/people.js")}" defer></script>
        </head>
        <body data-root="{Html.Encode(origin.Prefix)}">
        <header class="top"><span class="brand">Lazaret</span> <span class="muted">{Html.Encode(site.Name)}</span></header>
        <main>
        <h1>{Html.Encode(title)}</h1>
        {body}
        </main>
        </body>
        </html>
        """);
}
