using Lazaret.Node.Identity.People.Accounts;
using Lazaret.Node.Identity.People.Pages;
using Lazaret.Node.Identity.People.Provider;
using Lazaret.Node.Identity.People.Sessions;
using Lazaret.Node.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Lazaret.Node.Identity.People;

/// <summary>The modes <c>oidc</c> and <c>accounts</c>: people in a browser, and their sessions.</summary>
internal static class PeopleServices
{
    private const int PasswordIterations = 210_000;

    public static void AddPeople(this AuthenticationBuilder authentication, AuthOptions options)
    {
        var services = authentication.Services;
        services.AddSingleton<SessionCookie>().AddSingleton<SessionStore>().AddSingleton<AttemptLimit>().AddSingleton<PersonPages>().AddSingleton<PageGate>();
        services.AddDataProtection().SetApplicationName("lazaret");
        services.AddSingleton<ProtectionKeys>();
        services.AddOptions<KeyManagementOptions>().Configure<ProtectionKeys>((keys, repository) =>
        {
            keys.XmlRepository = repository;
            // The repository seals what it keeps.
            keys.XmlEncryptor = new NullXmlEncryptor();
        });
        services.AddAntiforgery(forms =>
        {
            forms.FormFieldName = "form_token";
            (forms.Cookie.Name, forms.Cookie.SameSite, forms.Cookie.SecurePolicy, forms.Cookie.Path) = ("lazaret-form", SameSiteMode.Strict, CookieSecurePolicy.SameAsRequest, "/");
            forms.SuppressXFrameOptionsHeader = true;
        });

        authentication.AddScheme<CookieAuthenticationOptions, SessionScheme>(SessionScheme.Name, null);
        services.AddOptions<CookieAuthenticationOptions>(SessionScheme.Name).Configure<SessionStore, SessionCookie>((cookie, store, manager) => SessionScheme.Configure(cookie, store, manager, options));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<CookieAuthenticationOptions>, PostConfigureCookieAuthenticationOptions>());
        // Whoever brings a key or token besides is known by that.
        services.AddSingleton(provider => new Presented(
            SessionScheme.Name,
            request => request.Headers.Authorization.Count == 0 && provider.GetRequiredService<SessionCookie>().Of(request) is not null,
            "Cookie realm=\"lazaret\", form-action=\"/sign-in\""));

        if (options.Takes(AuthModes.Oidc))
        {
            authentication.AddRemoteScheme<OpenIdConnectOptions, ProviderHandler>(AuthModes.Oidc, null, oidc => ProviderSignIn.Configure(oidc, options.Oidc));
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<OpenIdConnectOptions>, OpenIdConnectPostConfigureOptions>());
        }

        if (options.Takes(AuthModes.Accounts))
            AddAccounts(authentication);
    }

    private static void AddAccounts(AuthenticationBuilder authentication)
    {
        var services = authentication.Services;
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<LazaretDb>>().CreateDbContext());
        services.AddHttpContextAccessor();
        services.AddIdentityCore<Person>(identity => identity.User.AllowedUserNameCharacters = null!)
            .AddUserStore<PersonStore>()
            .AddSignInManager();
        services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = PasswordIterations);
        services.AddSingleton<DecoyPassword>().AddScoped<PasswordSignIn>().AddScoped<PasskeySignIn>().AddScoped<CredentialSetup>();
        services.AddOptions<IdentityPasskeyOptions>().Configure<BrowserOrigin>((passkeys, origin) =>
        {
            passkeys.ServerDomain = origin.Host;
            passkeys.UserVerificationRequirement = "required";
            passkeys.ResidentKeyRequirement = "required";
            passkeys.ValidateOrigin = shown => ValueTask.FromResult(!shown.CrossOrigin && origin.IsOwn(shown.HttpContext.Request, shown.Origin));
        });
        // Carries a passkey's challenge from one request to the next.
        authentication.AddCookie(IdentityConstants.TwoFactorUserIdScheme, challenge =>
        {
            (challenge.Cookie.Name, challenge.Cookie.SameSite, challenge.Cookie.SecurePolicy) = ("lazaret-passkey", SameSiteMode.Strict, CookieSecurePolicy.SameAsRequest);
            challenge.ExpireTimeSpan = TimeSpan.FromMinutes(5);
        });
    }
}
