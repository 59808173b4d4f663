using Lazaret.Node.Storage;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Cli;

/// <summary>What the command line says of the configuration, which is read when a command needs it.</summary>
/// <param name="arguments">The settings.</param>
/// <param name="file">That of <c>--config</c>.</param>
internal sealed class Settings(IReadOnlyList<string> arguments, string? file)
{
    /// <summary>The configuration of the working folder, for commands that are about no node that is there.</summary>
    public IConfigurationRoot Configuration => LazaretConfiguration.Build(arguments, ConfigurationSource.Here());

    /// <summary>What was given of the section <c>Lazaret</c>.</summary>
    public IEnumerable<(string Key, string Value)> Given => new ConfigurationBuilder().AddCommandLine([.. arguments]).Build().GetSection(NodeOptions.Section)
        .AsEnumerable(makePathsRelative: true).Where(setting => setting.Value is not null).Select(setting => (setting.Key, setting.Value!));

    /// <summary>What the environment says, and the command line of connections, as variables.</summary>
    public IReadOnlyList<(string Name, string Value)> GivenVariables =>
    [
        .. new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine([.. arguments]).Build().AsEnumerable()
            .Where(setting => !Given.Any(given => setting.Key.Equals($"{NodeOptions.Section}:{given.Key}", StringComparison.OrdinalIgnoreCase)) && setting.Value is not null && (setting.Key.StartsWith($"{NodeOptions.Section}:", StringComparison.OrdinalIgnoreCase) || setting.Key.StartsWith("ConnectionStrings:", StringComparison.OrdinalIgnoreCase)))
            .OrderBy(setting => setting.Key, StringComparer.Ordinal)
            .Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value!)),
    ];

    /// <summary>Where the state folder would be, for a command that does not use it.</summary>
    public string State => LazaretConfiguration.Build(arguments, ConfigurationSource.Find(file))[$"{NodeOptions.Section}:State"]!;

    /// <summary>What the configuration says, for a command that uses no node.</summary>
    public NodeOptions Options => LazaretConfiguration.Read(LazaretConfiguration.Build(arguments, ConfigurationSource.Find(file)));

    /// <summary>The configuration of the node. From here on the process has the rights of the state folder's owner.</summary>
    /// <param name="use">What becomes of a folder that is not there.</param>
    /// <param name="further">More faults, which are said together with those of the options.</param>
    /// <exception cref="InputException">The configuration has faults.</exception>
    /// <exception cref="MissingException">There is no state folder, or this user may not use it.</exception>
    public NodeSettings Enter(StateUse use, Func<IConfiguration, NodeOptions, IEnumerable<string>>? further = null)
    {
        var source = ConfigurationSource.Find(file);
        var configuration = LazaretConfiguration.Build(arguments, source);
        var settings = new NodeSettings(source, configuration, LazaretConfiguration.Read(configuration, options => further?.Invoke(configuration, options) ?? []));
        settings.TakeUser();
        settings.Hold(use);
        return settings;
    }

    /// <summary>The services of the node that the working folder configures, for one command.</summary>
    public ServiceProvider OpenHere() => Open(new NodeSettings(ConfigurationSource.Here(), Configuration, LazaretConfiguration.Read(Configuration)));

    /// <summary>The same, with the database migrated.</summary>
    public async Task<ServiceProvider> OpenNodeAsync(CancellationToken cancellationToken, StateUse use = StateUse.Finds, bool forceMigration = false)
    {
        var settings = Enter(use);
        var services = Open(settings);
        var migration = services.GetRequiredService<DatabaseMigration>();
        if (!settings.Makes(use))
        {
            // First: in a folder that others may write to, a database would mean nothing.
            if (services.GetRequiredService<StateFolder>().Faults() is [_, ..] faults)
                throw new MissingException(string.Join('\n', faults));
            if (!await migration.ExistsAsync(cancellationToken))
                throw new MissingException($"there is no database of a node at {migration.Place}{settings.HowToFindOne()}");
        }

        await migration.RunAsync(forceMigration, cancellationToken);
        return services;
    }

    /// <summary>The services of a node of this configuration.</summary>
    public static ServiceProvider Open(NodeSettings settings) => new ServiceCollection()
        .AddLogging(logging => logging.AddNodeLog(settings.Options.Logging, LogLevel.Warning))
        .AddLazaret(settings.Options, settings.Configuration)
        .BuildServiceProvider();
}
