namespace Lazaret.Node.Models;

internal static class ModelServices
{
    public static IServiceCollection AddModels(this IServiceCollection services) => services.AddSingleton<ModelRegistry>().AddSingleton<ModelAvailability>();
}
