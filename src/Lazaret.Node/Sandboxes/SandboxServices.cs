using Lazaret.Node.Configuration;

namespace Lazaret.Node.Sandboxes;

public static class SandboxServices
{
    public static IServiceCollection AddSandboxes(this IServiceCollection services, NodeOptions options) => services
        .AddSingleton(options.Sandbox)
        .AddSingleton<SandboxBackends>();
}
