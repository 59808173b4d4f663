using Lazaret.Node.Health.Gauges;

namespace Lazaret.Node.Health;

internal static class HealthServices
{
    public static IServiceCollection AddHealth(this IServiceCollection services, HealthOptions options) => services
        .AddSingleton(options)
        .AddSingleton<DatabaseProbe>()
        .AddSingleton<SchemaState>()
        .AddSingleton<ReadinessChecks>()
        .AddSingleton<ReadinessExamination>()
        .AddSingleton<RequestOutage>();

    /// <summary>What measures a node that serves.</summary>
    public static IServiceCollection AddGauges(this IServiceCollection services, NodeRole role) => services
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<SharedExamination>(provider, role))
        .AddSingleton<ReadinessLog>()
        .AddSingleton<GaugeBoard>()
        .AddSingleton<DatabaseGauges>()
        .AddSingleton<AuditGauges>()
        .AddSingleton<MachineGauges>()
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<GaugeKeeper>(provider, role))
        .AddHostedService(provider => provider.GetRequiredService<GaugeKeeper>());
}
