using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Files;
using Lazaret.Node.Configuration;

namespace Lazaret.Node;

/// <summary>Reads the section <c>Lazaret</c>: the files of a <see cref="ConfigurationSource"/>, then environment variables, then the command line.</summary>
internal static class LazaretConfiguration
{
    private const int MaxFileBytes = 1 << 20;

    /// <summary>The names that the starter's scripts set, and what they mean here.</summary>
    public static readonly IReadOnlyDictionary<string, string> Aliases = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["SITE_NAME"] = "Site:Name",
        ["DATA_VIEW"] = "Data:View",
        ["WORK_DIR"] = "State",
        ["K_MIN"] = "Disclosure:MinimumCohort",
    };

    // Options that are paths; a node that runs in another folder than the command finds them from its own. Keys of lists go with a number.
    private static readonly string[] Paths =
        ["State", "Data:View", "Tls:Certificate", "Tls:Key", "Auth:Mtls:Authorities", "Auth:Mtls:Crl", "Auth:Oidc:ClientSecretFile", "Models:TrustedKeys"];

    /// <param name="arguments">Those of the form <c>--Lazaret:KEY=VALUE</c> or <c>--ConnectionStrings:NAME=VALUE</c>.</param>
    /// <exception cref="InputException">A file cannot be read.</exception>
    public static IConfigurationRoot Build(IReadOnlyList<string> arguments, ConfigurationSource source)
    {
        var variables = source.Variables is { } file ? ReadVariables(file) : [];
        // First: the environment's name says which other JSON file counts.
        TakeOver(variables);
        // FindGiver names these sources by their order.
        return new ConfigurationBuilder()
            .AddInMemoryCollection(Anchored(source, Defaults(source)))
            .AddInMemoryCollection(Anchored(source, ReadSettings(source.Settings)))
            .AddInMemoryCollection(Anchored(source, ReadSettings(Path.ChangeExtension(source.Settings, $"{NodeEnvironment.Current.Name}.json"))))
            .AddInMemoryCollection(Anchored(source, WithAliases(variables.Select(variable => (variable.Name, (string?)variable.Value)))))
            .AddInMemoryCollection(WithAliases(Aliases.Keys.Select(alias => (alias, Environment.GetEnvironmentVariable(alias)))))
            .AddEnvironmentVariables()
            // By this variable the framework would believe everybody's forwarding headers: Http:Proxies says whose.
            .AddInMemoryCollection([KeyValuePair.Create<string, string?>("ForwardedHeaders_Enabled", "false")])
            .AddCommandLine([.. arguments])
            .Build();
    }

    /// <summary>What gave a key its value, in words: a file, the environment or the command line; null for the default.</summary>
    public static string? FindGiver(IConfigurationRoot configuration, ConfigurationSource source, string key)
    {
        string?[] givers = [null, source.Settings, source.Settings, source.Variables, "the environment", "the environment", null, "the command line"];
        return givers.Zip(configuration.Providers).LastOrDefault(layer => layer.Second.TryGet(key, out _)).First;
    }

    /// <summary>The keys to which the environment or the command line give another value than the environment file.</summary>
    public static IEnumerable<string> FindOverridden(IConfigurationRoot configuration)
    {
        const int OfFile = 3;
        var file = configuration.Providers.ElementAt(OfFile);
        return configuration.AsEnumerable().Where(setting => IsOurs(setting.Key) && file.TryGet(setting.Key, out var written) && written != setting.Value).Select(setting => setting.Key).Order(StringComparer.Ordinal);

        static bool IsOurs(string key) => key.StartsWith($"{NodeOptions.Section}:", StringComparison.OrdinalIgnoreCase) || key.StartsWith("ConnectionStrings:", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a JSON file configures a node; false for one that is not there, or is somebody else's.</summary>
    public static bool HasNode(string file)
    {
        try
        {
            return IsOfNode(ReadJson(file));
        }
        catch (InputException)
        {
            return false;
        }
    }

    /// <exception cref="InputException">It cannot be read.</exception>
    public static string ReadText(string file)
    {
        try
        {
            return Utf8Text.Decode(RegularFile.ReadAllBytes(file, MaxFileBytes), out var fault) ?? throw new InputException($"{file}: line {fault!.Line}: {fault.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }

    private static IReadOnlyList<(string Name, string Value)> ReadVariables(string file)
    {
        try
        {
            var passedOver = new List<int>();
            var variables = EnvironmentFile.Parse(ReadText(file), passedOver);
            var faults = passedOver.Select(line => string.Create(CultureInfo.InvariantCulture, $"line {line}: systemd passes over it: write NAME=VALUE, without 'export' and without spaces in the name"))
                .Concat(MisspelledNames.OfVariables(variables)).ToList();
            return faults.Count == 0 ? variables : throw new InputException(string.Join('\n', faults.Select(fault => $"{file}: {fault}")));
        }
        catch (FormatException e)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }

    // What is no setting of ours (DOTNET_ENVIRONMENT, OTEL_…, the variable of Keys:Variable) is looked up in the process's environment.
    private static void TakeOver(IEnumerable<(string Name, string Value)> variables)
    {
        foreach (var (name, value) in variables)
        {
            if (!name.StartsWith($"{NodeOptions.Section}__", StringComparison.OrdinalIgnoreCase) && !Aliases.ContainsKey(name) && Environment.GetEnvironmentVariable(name) is null)
                Environment.SetEnvironmentVariable(name, value);
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> WithAliases(IEnumerable<(string Name, string? Value)> variables) => variables
        .Where(variable => variable.Value is not null)
        .Select(variable => KeyValuePair.Create(
            Aliases.TryGetValue(variable.Name, out var key) ? $"{NodeOptions.Section}:{key}" : variable.Name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal),
            variable.Value));

    // The paths among the defaults. A data view that nobody named and that is not there is none: then the node only diagnoses.
    private static IEnumerable<KeyValuePair<string, string?>> Defaults(ConfigurationSource source)
    {
        var defaults = new NodeOptions();
        yield return new($"{NodeOptions.Section}:State", defaults.State);
        if (Directory.Exists(Path.Combine(source.Folder, defaults.Data.View)))
            yield return new($"{NodeOptions.Section}:Data:View", defaults.Data.View);
    }

    // Of a name that is there twice, or once as its alias, the last counts.
    private static IEnumerable<KeyValuePair<string, string?>> Anchored(ConfigurationSource source, IEnumerable<KeyValuePair<string, string?>> settings) => settings
        .GroupBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase)
        .Select(same => same.Last())
        .Select(setting => setting.Value is { Length: > 0 } path && IsPath(setting.Key) ? new(setting.Key, Path.Combine(source.Folder, path)) : setting);

    private static bool IsPath(string key) => Paths.Any(path =>
        key.StartsWith($"{NodeOptions.Section}:{path}", StringComparison.OrdinalIgnoreCase)
        && key.AsSpan(NodeOptions.Section.Length + 1 + path.Length) is [] or [':', ..]);

    /// <exception cref="InputException">A node's JSON file has sections that nothing reads.</exception>
    public static void CheckNames(string file) => CheckNames(file, ReadJson(file));

    private static void CheckNames(string file, IReadOnlyList<KeyValuePair<string, string?>> settings)
    {
        if (MisspelledNames.OfFile(settings.Select(setting => setting.Key)).ToList() is [_, ..] unread)
            throw new InputException(string.Join('\n', unread.Select(fault => $"{file}: {fault}")));
    }

    private static bool IsOfNode(IReadOnlyList<KeyValuePair<string, string?>> settings) => settings.Any(setting => setting.Key.StartsWith($"{NodeOptions.Section}:", StringComparison.OrdinalIgnoreCase));

    // Where somebody calls the node may lie another program's file of this name.
    private static IReadOnlyList<KeyValuePair<string, string?>> ReadSettings(string file)
    {
        var settings = ReadJson(file);
        if (IsOfNode(settings))
            CheckNames(file, settings);
        return settings;
    }

    /// <summary>The settings of a file; none when there is no such file.</summary>
    private static IReadOnlyList<KeyValuePair<string, string?>> ReadJson(string file)
    {
        try
        {
            using var json = new MemoryStream(RegularFile.ReadAllBytes(file, MaxFileBytes));
            return [.. new ConfigurationBuilder().AddJsonStream(json).Build().AsEnumerable().Where(setting => setting.Value is not null)];
        }
        catch (FileNotFoundException)
        {
            return [];
        }
        catch (JsonException e)
        {
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{file}: line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: not JSON"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new InputException($"{file}: {e.Message}");
        }
    }

    /// <summary>The options, checked; every unknown key and every value out of range is named at once.</summary>
    /// <param name="configuration">Where the section is.</param>
    /// <param name="more">What else is wrong, to be said with what is wrong here.</param>
    /// <exception cref="InputException">Something is wrong.</exception>
    public static NodeOptions Read(IConfiguration configuration, Func<NodeOptions, IEnumerable<string>>? more = null)
    {
        var section = configuration.GetSection(NodeOptions.Section);
        var faults = new FaultList<string>();
        ConfigurationFaults.Find(section, typeof(NodeOptions), faults);
        ConfigurationFaults.FindOfFramework(configuration, faults);
        foreach (var misspelled in MisspelledNames.OfSections(configuration))
            faults.Add(misspelled);
        if (configuration.GetSection("Kestrel").Exists())
            faults.Add("Kestrel: is not read: addresses are set by --urls, and their certificate by Lazaret:Tls:Certificate");
        NodeOptions? options = null;
        try
        {
            options = section.Get<NodeOptions>() ?? new NodeOptions();
            faults.AddRange(options.Faults(), fault => fault);
            if (faults.Count > 0 && more is not null)
                faults.AddRange(more(options));
        }
        catch (InvalidOperationException) when (faults.Count > 0)
        {
            // What cannot be converted is among them.
        }
        catch (InvalidOperationException e)
        {
            faults.Add(e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message);
        }

        return faults.Count == 0 ? options! : throw new InputException(string.Join('\n', faults.Lines()));
    }

    /// <summary>The keys of an options record, with the property behind each: <c>Jobs:LeaseSeconds</c>.</summary>
    public static IEnumerable<(string Key, PropertyInfo Property, object? Default)> Keys(Type type, object defaults, string prefix = "")
    {
        foreach (var property in ConfigurationFaults.Settable(type))
        {
            var value = property.GetValue(defaults);
            if (ConfigurationFaults.IsSection(property.PropertyType))
            {
                foreach (var inner in Keys(property.PropertyType, value!, $"{prefix}{property.Name}:"))
                    yield return inner;
            }
            else
            {
                yield return (prefix + property.Name, property, value);
            }
        }
    }
}
