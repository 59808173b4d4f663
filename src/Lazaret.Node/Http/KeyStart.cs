using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace Lazaret.Node.Http;

/// <summary>
/// The framework's data protection at its start writes keys into the user's home folder, in clear. Parts of the framework bring it along without need: pages and tokens of
/// this node hold nothing that it protects, but for people's sign-in, which keeps its keys sealed in the database.
/// </summary>
internal static class KeyStart
{
    /// <summary>Adds services without the start of data protection that they bring along.</summary>
    public static IServiceCollection WithoutKeyStart(this IServiceCollection services, Action<IServiceCollection> add)
    {
        var before = services.Where(IsKeyStart).ToList();
        add(services);
        foreach (var start in services.Where(IsKeyStart).Except(before).ToList())
            services.Remove(start);
        return services;
    }

    private static bool IsKeyStart(ServiceDescriptor service) =>
        service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == typeof(KeyManagementOptions).Assembly;
}
