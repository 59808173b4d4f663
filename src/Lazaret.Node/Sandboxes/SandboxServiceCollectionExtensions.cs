using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Lazaret.Node.Sandboxes;

public static class SandboxServiceCollectionExtensions
{
    /// <summary>Adds <see cref="SandboxBackends"/>, configured by section <c>Lazaret:Sandbox</c>. Unknown keys or values stop the start.</summary>
    public static IServiceCollection AddSandboxes(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SandboxOptions>()
            .Bind(configuration.GetSection(SandboxOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<SandboxOptions>, SandboxOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SandboxBackends>();
        return services;
    }
}
