namespace Lazaret.Node.Health;

internal static class HealthServices
{
    public static IServiceCollection AddHealth(this IServiceCollection services, HealthOptions options) => services
        .AddSingleton(options)
        .AddSingleton<SchemaState>()
        .AddSingleton<ReadinessExamination>();
}
