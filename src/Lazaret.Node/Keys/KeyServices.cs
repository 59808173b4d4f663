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

    /// <summary>Why there is no key ring, and what to do; null where one can be read, or where a command gives it.</summary>
    public static string? WhyNone(KeyOptions options, StateFolder state)
    {
        if (options.Source == KeyOptions.FromCommand)
            return null;
        var source = Source(options, state, NodeEnvironment.Current, TimeProvider.System);
        try
        {
            source.Read();
            return null;
        }
        catch (InputException e)
        {
            return e.Message;
        }
        catch (MissingException e)
        {
            return source is KeyFile { Exists: true } ? e.Message : $"{e.Message}: {source.HowToBegin}";
        }
    }

    private static IKeyRingSource Source(KeyOptions options, IServiceProvider services) =>
        Source(options, services.GetRequiredService<StateFolder>(), services.GetRequiredService<NodeEnvironment>(), services.GetRequiredService<TimeProvider>());

    private static IKeyRingSource Source(KeyOptions options, StateFolder state, NodeEnvironment environment, TimeProvider time) => options.Source switch
    {
        KeyOptions.FromEnvironment => new EnvironmentKeys(options.Variable),
        KeyOptions.FromCommand => new CommandKeys(options.Command, time),
        _ => new KeyFile(Path.Combine(state.Root, options.File), environment, time),
    };
}
