using Lazaret.Node.Identity.Certificates;
using Lazaret.Node.Identity.People;
using Lazaret.Node.Identity.Registered;
using Lazaret.Node.Identity.Tokens;
using Lazaret.Node.Identity.Tokens.Smart;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;

namespace Lazaret.Node.Identity;

internal static class IdentityServices
{
    // Looks which mode's kind of proof a request brings, and has that mode check it.
    private const string Any = "any";

    public static IServiceCollection AddIdentity(this IServiceCollection services, AuthOptions options) => services
        .AddSingleton(options)
        .AddSingleton(options.Jwt)
        .AddSingleton<RequesterDirectory>()
        .AddSingleton<PeopleDirectory>()
        .AddSingleton<IssuerNames>()
        .AddSingleton<BrowserOrigin>()
        .AddSingleton<JwksSources>()
        .AddSingleton<AuthenticationAudit>()
        .AddCertificateJudge(options.Mtls);

    /// <summary>What only a server needs: the authentication modes and the access table.</summary>
    public static IServiceCollection AddAuthenticationModes(this IServiceCollection services, AuthOptions options)
    {
        // What AddAuthentication does but for data protection, whose keys it would write into the user's home folder.
        services.AddAuthenticationCore(authentication => authentication.DefaultScheme = options.IsOn ? Any : LocalHandler.Scheme).AddWebEncoders();
        services.AddHostedService(provider => provider.GetRequiredService<AuthenticationAudit>());
        services.AddSingleton<IAuthenticationConfigurationProvider, OwnConfiguration>();
        var authentication = new AuthenticationBuilder(services);
        services.AddAuthorizationBuilder().AddPolicy(AccessPolicy.Name, policy => policy.AddRequirements(new AccessPolicy.Requirement()));
        services.AddSingleton<IAuthorizationHandler, AccessPolicy>();
        if (!options.IsOn)
        {
            authentication.AddScheme<AuthenticationSchemeOptions, LocalHandler>(LocalHandler.Scheme, null);
            return services;
        }

        authentication.AddPolicyScheme(Any, null, any => any.ForwardDefaultSelector = http =>
            http.RequestServices.GetServices<Presented>().FirstOrDefault(mode => mode.IsIn(http.Request))?.Scheme ?? NobodyHandler.Scheme);
        authentication.AddScheme<AuthenticationSchemeOptions, NobodyHandler>(NobodyHandler.Scheme, null);
        if (options.Takes(AuthModes.Key))
        {
            authentication.AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(AuthModes.Key, null);
            services.AddSingleton(ApiKeyHandler.Mode);
        }

        // Before jwt, which takes every token that no other mode recognizes.
        if (options.Takes(AuthModes.Smart))
            authentication.AddSmart();
        if (options.Takes(AuthModes.Jwt))
            authentication.AddJwt();
        if (options.HasPeople)
            authentication.AddPeople(options);
        // Last: who has a key, a token or a session besides a certificate is asked for that.
        if (options.Takes(AuthModes.Mtls))
            authentication.AddClientCertificates();
        return services;
    }
}
