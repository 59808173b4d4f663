namespace Lazaret.Node.Sandboxes;

public static class SandboxServices
{
    public static IServiceCollection AddSandboxes(this IServiceCollection services, SandboxOptions options) => services
        .AddSingleton(options)
        .AddSingleton<SandboxBackends>();
}
