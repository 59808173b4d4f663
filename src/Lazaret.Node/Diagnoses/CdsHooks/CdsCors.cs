namespace Lazaret.Node.Diagnoses.CdsHooks;

/// <summary>Which other sites' pages may call the CDS services from a browser.</summary>
internal static class CdsCors
{
    private const string Policy = "cds-hooks";

    public static IServiceCollection AddCdsCors(this IServiceCollection services, CdsHooksOptions options) =>
        services.AddCors(cors => cors.AddPolicy(Policy, policy => policy
            .WithOrigins([.. options.Origins])
            .WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post)
            .AllowAnyHeader()
            .WithExposedHeaders("Retry-After")
            .SetPreflightMaxAge(TimeSpan.FromMinutes(10))));

    /// <summary>Lets the configured origins in; without any, nothing is changed.</summary>
    public static void AllowOrigins(this RouteGroupBuilder services, CdsHooksOptions options)
    {
        if (options.Origins.Count == 0)
            return;
        services.RequireCors(Policy);
        // The middleware answers a browser's preflight; this is for an OPTIONS that does not say what it asks for.
        services.MapMethods("/{**path}", [HttpMethods.Options], () => Results.NoContent()).ExcludeFromDescription();
    }
}
