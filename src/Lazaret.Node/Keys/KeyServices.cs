using Lazaret.Node.Configuration;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Keys;

public static class KeyServices
{
    public static IServiceCollection AddKeys(this IServiceCollection services, NodeOptions options) => services
        .AddSingleton(provider => Source(options.Keys, provider))
        .AddSingleton<CurrentKeyRing>()
        .AddSingleton<RecordSeal>()
        .AddSingleton<SealedRecords>()
        .AddSingleton<KeyRotation>();

    private static IKeySource Source(KeyOptions options, IServiceProvider services) => options.Source switch
    {
        KeyOptions.FromEnvironment => new EnvironmentKeys(options.Variable),
        KeyOptions.FromCommand => new CommandKeys(options.Command, services.GetRequiredService<TimeProvider>()),
        _ => FileOf(options, services.GetRequiredService<StateFolder>(), services.GetRequiredService<NodeEnvironment>(), services.GetRequiredService<TimeProvider>()),
    };

    internal static KeyFile FileOf(KeyOptions options, StateFolder state, NodeEnvironment environment, TimeProvider time) =>
        new(Path.Combine(state.Root, options.File), environment, time);
}
