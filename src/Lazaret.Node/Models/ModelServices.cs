using Lazaret.Node.Configuration;

namespace Lazaret.Node.Models;

public static class ModelServices
{
    public static IServiceCollection AddModels(this IServiceCollection services, NodeOptions options) => services
        .AddSingleton(options.Models)
        .AddSingleton<ModelRegistry>();
}
