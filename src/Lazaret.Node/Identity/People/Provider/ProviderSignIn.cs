using System.Security.Claims;
using Lazaret.Cohort.Files;
using Lazaret.Node.Identity.People.Pages;
using Lazaret.Node.Identity.People.Sessions;
using Lazaret.Node.Identity.Tokens;
using Lazaret.Node.Linux;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Lazaret.Node.Identity.People.Provider;

/// <summary>Mode <c>oidc</c>: the framework's OpenID Connect, authorization code with PKCE. What the provider says is turned into a <see cref="Requester"/>, and nothing else of it is kept.</summary>
internal static class ProviderSignIn
{
    /// <summary>Where the provider sends the browser back to. The framework answers there before any endpoint.</summary>
    public const string Callback = "/sign-in/callback";

    private const string SecretSetting = "Lazaret:Auth:Oidc:ClientSecretFile";
    private const int MostSecretBytes = 4096;
    private const int LongestSubject = 128;

    public static void Configure(OpenIdConnectOptions oidc, OidcOptions options)
    {
        oidc.SignInScheme = SessionScheme.Name;
        oidc.Authority = options.Authority;
        oidc.RequireHttpsMetadata = new Uri(options.Authority).Scheme == Uri.UriSchemeHttps;
        oidc.ClientId = options.ClientId;
        oidc.ClientSecret = ReadSecret(options);
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.UsePkce = true;
        oidc.CallbackPath = Callback;
        // Nobody else ends a session here.
        (oidc.RemoteSignOutPath, oidc.SignedOutCallbackPath) = (PathString.Empty, PathString.Empty);
        oidc.Scope.Clear();
        foreach (var scope in options.Scopes.DefaultIfEmpty("profile").Prepend("openid").Distinct(StringComparer.Ordinal))
            oidc.Scope.Add(scope);
        oidc.MapInboundClaims = false;
        oidc.SaveTokens = false;
        oidc.GetClaimsFromUserInfoEndpoint = false;
        oidc.DisableTelemetry = true;
        oidc.BackchannelTimeout = TimeSpan.FromSeconds(10);
        oidc.TokenValidationParameters.ValidAlgorithms = TokenAlgorithms.All;
        oidc.TokenValidationParameters.NameClaimType = "sub";
        // Lax: the way back is a navigation that another site begins.
        foreach (var cookie in new[] { oidc.CorrelationCookie, oidc.NonceCookie })
            (cookie.SameSite, cookie.SecurePolicy, cookie.HttpOnly) = (SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest, true);
        oidc.CorrelationCookie.Name = "lazaret-oidc.";
        oidc.NonceCookie.Name = "lazaret-oidc-nonce.";
        oidc.Events.OnRedirectToIdentityProvider = leaving =>
        {
            leaving.ProtocolMessage.RedirectUri = leaving.HttpContext.RequestServices.GetRequiredService<BrowserOrigin>().Public(Callback) ?? leaving.ProtocolMessage.RedirectUri;
            return Task.CompletedTask;
        };
        oidc.Events.OnTokenValidated = validated => AdmitAsync(validated, options);
        oidc.Events.OnRemoteFailure = FailAsync;
    }

    /// <summary>The node's secret at the provider; null for a public client.</summary>
    /// <exception cref="MissingException">Its file cannot be read, or others may read it.</exception>
    public static string? ReadSecret(OidcOptions options)
    {
        if (options.ClientSecretFile is not { Length: > 0 } path)
            return null;
        try
        {
            using var handle = OwnFile.OpenRead(Path.GetFullPath(path), SecretSetting) ?? throw new MissingException($"{path}: there is no such file: {SecretSetting} names the file of the node's secret at the provider");
            if ((File.GetUnixFileMode(handle) & OwnFile.Others) != 0)
                throw new MissingException($"{path}: others than its owner may read the node's secret: chmod 600 {path}");
            using var file = new FileStream(handle, FileAccess.Read);
            return System.Text.Encoding.UTF8.GetString(RegularFile.ReadAllBytes(file, MostSecretBytes)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or RegularFileException)
        {
            throw new MissingException($"{path}: {e.Message}: {SecretSetting} names the file of the node's secret at the provider");
        }
    }

    private static async Task AdmitAsync(TokenValidatedContext validated, OidcOptions options)
    {
        var claims = validated.Principal!.Claims.ToList();
        var subject = claims.Find(claim => claim.Type == "sub")?.Value ?? "";
        var services = validated.HttpContext.RequestServices;
        var (audit, pages) = (services.GetRequiredService<AuthenticationAudit>(), services.GetRequiredService<PersonPages>());
        if (subject.Length is 0 or > LongestSubject || !subject.All(c => c is > ' ' and <= '~'))
        {
            validated.Fail("The provider's name for this person is empty, longer than 128 characters, or holds other than printable ASCII characters.");
            return;
        }

        // The framework lets an unsigned token of the code flow pass: it came over TLS, and OpenID Connect allows that. Here no token goes unsigned.
        if (validated.SecurityToken is not { RawSignature.Length: > 0 } token || !TokenAlgorithms.All.Contains(token.SignatureAlgorithm))
        {
            validated.Fail("The provider's token is not signed.");
            return;
        }

        // The framework compares with what the discovery document says, and that may be a third one's name.
        if (token.Issuer.TrimEnd('/') != options.Issuer)
        {
            validated.Fail("The provider's token is of another issuer than Lazaret:Auth:Oidc:Authority.");
            return;
        }

        var requester = new Requester($"{options.Name}/{subject}", options.RolesOf(claims.Where(claim => claim.Type == options.RoleClaim).Select(claim => claim.Value)));
        if (requester.Roles == Roles.None)
        {
            await audit.RefusedAsync(validated.HttpContext, requester, $"GET {Callback}", "the provider says nothing that gives a role");
            validated.HandleResponse();
            await pages.Told(
                StatusCodes.Status403Forbidden,
                "No role here",
                $"Your provider knows you, but its claim '{options.RoleClaim}' says nothing that gives you a role at this node. Ask the people who run this node to give you one.").ExecuteAsync(validated.HttpContext);
            return;
        }

        var principal = requester.ToPrincipal(AuthModes.Oidc);
        if (claims.Find(claim => claim.Type is "name" or "preferred_username")?.Value is { Length: > 0 } display)
            ((ClaimsIdentity)principal.Identity!).AddClaim(new Claim(SessionStore.DisplayName, display));
        validated.Principal = principal;
    }

    // A stranger's request may come here: what it brought is not repeated.
    private static async Task FailAsync(RemoteFailureContext failed)
    {
        failed.HandleResponse();
        var services = failed.HttpContext.RequestServices;
        await services.GetRequiredService<AuthenticationAudit>().RefusedAsync(failed.HttpContext, null, $"GET {Callback}", $"the provider's answer does not hold: {failed.Failure?.GetType().Name}");
        await services.GetRequiredService<PersonPages>().Told(
            StatusCodes.Status403Forbidden,
            "Not signed in",
            "What came back from the provider does not belong to a sign-in that this browser began here, or the provider refused it.").ExecuteAsync(failed.HttpContext);
    }
}
