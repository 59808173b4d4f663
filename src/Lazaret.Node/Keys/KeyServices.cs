using Lazaret.Node.Audit.Chain;
using Lazaret.Node.Configuration;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Keys;

internal static class KeyServices
{
    public static IServiceCollection AddKeys(this IServiceCollection services, KeyOptions options) => services
        .AddSingleton(provider => Source(options, provider))
        .AddSingleton<CurrentKeyRing>()
        .AddSingleton<RecordSeal>()
        .AddSingleton<SealedRecords>()
        .AddSingleton<DatabaseRing>()
        .AddSingleton<KeyGuard>()
        .AddSingleton<KeyRotation>()
        .AddSingleton<IKeyVoucher, RingVoucher>();

    private static IKeyRingSource Source(KeyOptions options, IServiceProvider services) => options.Source switch
    {
        KeyOptions.FromEnvironment => new EnvironmentKeys(options.Variable),
        KeyOptions.FromCommand => new CommandKeys(options.Command, services.GetRequiredService<TimeProvider>()),
        _ => new KeyFile(
            Path.Combine(services.GetRequiredService<StateFolder>().Root, options.File), services.GetRequiredService<NodeEnvironment>(), services.GetRequiredService<TimeProvider>()),
    };
}
