using Lazaret.Node.Storage;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Cli;

/// <summary>The settings given on the command line; the configuration is read when a command needs it.</summary>
internal sealed class Settings(IReadOnlyList<string> arguments)
{
    public IConfigurationRoot Configuration => LazaretConfiguration.Build(arguments);

    /// <summary>What was given of the section <c>Lazaret</c>.</summary>
    public IEnumerable<(string Key, string Value)> Given => new ConfigurationBuilder().AddCommandLine([.. arguments]).Build().GetSection(NodeOptions.Section)
        .AsEnumerable(makePathsRelative: true).Where(setting => setting.Value is not null).Select(setting => (setting.Key, setting.Value!));

    /// <summary>The services of the node without its server, for one command.</summary>
    public ServiceProvider Open()
    {
        var configuration = Configuration;
        var options = LazaretConfiguration.Read(configuration);
        return new ServiceCollection()
            .AddLogging(logging => logging.AddNodeLog(options.Logging, LogLevel.Warning))
            .AddLazaret(options, configuration)
            .BuildServiceProvider();
    }

    /// <summary>The same, with the database migrated.</summary>
    public async Task<ServiceProvider> OpenNodeAsync(CancellationToken cancellationToken, bool forceMigration = false)
    {
        var services = Open();
        await services.GetRequiredService<DatabaseMigration>().RunAsync(forceMigration, cancellationToken);
        return services;
    }
}
