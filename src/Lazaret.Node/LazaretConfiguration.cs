using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Files;
using Lazaret.Node.Configuration;
using Lazaret.Node.Linux;
using Lazaret.Node.Storage;

namespace Lazaret.Node;

/// <summary>Reads the section <c>Lazaret</c>: the files of a <see cref="ConfigurationSource"/>, then environment variables, then the command line.</summary>
internal static class LazaretConfiguration
{
    private const int MaxFileBytes = 1 << 20;

    // Options that are paths; a node that runs in another folder than the command finds them from its own. Keys of lists go with a number.
    private static readonly string[] Paths =
        ["State", "Data:View", "Tls:Certificate", "Tls:Key", "Auth:Mtls:Authorities", "Auth:Mtls:Crl", "Auth:Oidc:ClientSecretFile", "Models:TrustedKeys"];

    /// <param name="arguments">Those of the form <c>--Lazaret:KEY=VALUE</c> or <c>--ConnectionStrings:NAME=VALUE</c>.</param>
    /// <exception cref="InputException">A file cannot be read, or has names that nothing reads: these are told together with what <see cref="Read"/> finds.</exception>
    public static IConfigurationRoot Build(IReadOnlyList<string> arguments, ConfigurationSource source)
    {
        var faults = new List<string>();
        var variables = source.Variables is { } file ? ReadVariables(file, faults) : [];
        // First: the environment's name says which other JSON file counts. What is refused changes nothing of this process.
        if (faults.Count == 0)
            TakeOver(variables);
        var settings = ReadSettings(source.Settings, faults);
        if (source.Variables is { } emptied && variables.Count == 0 && settings.Count == 0 && arguments.Count == 0 && !Variables().Any(variable => SetsNode(variable.Name)) && faults.Count == 0)
            faults.Add($"{emptied}: sets nothing: a node would begin anew beside the one that it was for. Put its settings back, or delete the file");
        var ofEnvironment = ReadSettings(Path.ChangeExtension(source.Settings, $"{NodeEnvironment.Current.Name}.json"), faults);
        faults.AddRange(SettingAliases.Faults(Variables()).Select(fault => $"the environment: {fault}"));
        // FindGiver names these sources by their order.
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(Anchored(source, Defaults(source)))
            .AddInMemoryCollection(Anchored(source, settings))
            .AddInMemoryCollection(Anchored(source, ofEnvironment))
            .AddInMemoryCollection(Anchored(source, variables.Select(SettingAliases.KeyOf)))
            .AddInMemoryCollection(Variables().Where(variable => SettingAliases.All.ContainsKey(variable.Name)).Select(SettingAliases.KeyOf))
            .AddEnvironmentVariables()
            // By this variable the framework would believe everybody's forwarding headers: Http:Proxies says whose.
            .AddInMemoryCollection([KeyValuePair.Create<string, string?>("ForwardedHeaders_Enabled", "false")])
            .AddCommandLine([.. arguments])
            .Build();
        return faults.Count == 0 ? configuration : throw new InputException(string.Join('\n', faults.Concat(FaultsOf(configuration))));

        static bool SetsNode(string variable) => SettingAliases.All.ContainsKey(variable) || variable.StartsWith($"{NodeOptions.Section}__", StringComparison.OrdinalIgnoreCase) || variable.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase);

        static IEnumerable<(string Name, string Value)> Variables() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => ((string)variable.Key, (string?)variable.Value ?? ""));
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

    private static bool HasByteOrderMark(string file)
    {
        using var bytes = RegularFile.Open(file);
        Span<byte> first = stackalloc byte[3];
        return bytes.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) == first.Length && first.SequenceEqual("\uFEFF"u8);
    }

    // What is at fault is left out, so that nothing else complains of it too.
    private static IReadOnlyList<(string Name, string Value)> ReadVariables(string file, List<string> faults)
    {
        try
        {
            var text = ReadText(file);
            if (HasByteOrderMark(file))
                faults.Add($"{file}: line 1: begins with a byte order mark, which systemd takes for a part of the first name: sed -i '1s/^\\xEF\\xBB\\xBF//' {StrictModes.Quoted(file)}");
            var passedOver = new List<int>();
            var variables = EnvironmentFile.Parse(text, passedOver);
            var misspelled = MisspelledNames.FindInVariables(variables).ToList();
            faults.AddRange(passedOver.Select(line => string.Create(CultureInfo.InvariantCulture, $"line {line}: systemd passes over it: {EnvironmentFile.WhyPassedOver(text, line)}"))
                .Concat(misspelled.Select(found => found.Fault)).Concat(SettingAliases.Faults(variables)).Select(fault => $"{file}: {fault}"));
            // Of a name that is there twice the last counts, as for a shell and for systemd.
            return [.. variables.Where(variable => !misspelled.Exists(found => found.Name == variable.Name)).GroupBy(variable => variable.Name, StringComparer.Ordinal).Select(same => same.Last())];
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
            if (!name.StartsWith($"{NodeOptions.Section}__", StringComparison.OrdinalIgnoreCase) && !SettingAliases.All.ContainsKey(name) && Environment.GetEnvironmentVariable(name) is null)
                Environment.SetEnvironmentVariable(name, value);
        }
    }

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

    /// <summary>Of a file that somebody names as the node's. One that has the node's section is checked by <see cref="Build"/>.</summary>
    /// <exception cref="InputException">It has sections that nothing reads.</exception>
    public static void CheckNames(string file)
    {
        if (ReadJson(file) is var settings && !IsOfNode(settings) && MisspelledNames.OfFile(settings.Select(setting => setting.Key)).ToList() is [_, ..] unread)
            throw new InputException(string.Join('\n', unread.Select(fault => $"{file}: {fault}")));
    }

    private static bool IsOfNode(IReadOnlyList<KeyValuePair<string, string?>> settings) => settings.Any(setting => setting.Key.StartsWith($"{NodeOptions.Section}:", StringComparison.OrdinalIgnoreCase));

    // Where somebody calls the node may lie another program's file of this name. What is at fault is left out, so that nothing else complains of it too.
    private static IReadOnlyList<KeyValuePair<string, string?>> ReadSettings(string file, List<string> faults)
    {
        var settings = ReadJson(file);
        if (!IsOfNode(settings))
            return settings;
        faults.AddRange(MisspelledNames.OfFile(settings.Select(setting => setting.Key)).Select(fault => $"{file}: {fault}"));
        return [.. settings.Where(setting => !MisspelledNames.OfFile([setting.Key]).Any())];
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
        var (options, faults) = Examine(configuration, more);
        return faults.Count == 0 ? options! : throw new InputException(string.Join('\n', faults.Lines()));
    }

    private static IEnumerable<string> FaultsOf(IConfiguration configuration) => Examine(configuration, more: null).Faults.Lines();

    private static (NodeOptions? Options, FaultList<string> Faults) Examine(IConfiguration configuration, Func<NodeOptions, IEnumerable<string>>? more)
    {
        var section = configuration.GetSection(NodeOptions.Section);
        var faults = new FaultList<string>();
        ConfigurationFaults.Find(section, typeof(NodeOptions), faults);
        ConfigurationFaults.FindOfFramework(configuration, faults);
        foreach (var misspelled in MisspelledNames.OfSections(configuration))
            faults.Add(misspelled);
        if (configuration.GetSection("Kestrel").Exists())
            faults.Add("Kestrel: is not read: addresses are set by --urls, and their certificate by Lazaret:Tls:Certificate");
        if (NodeEnvironment.Current.Fault is { } almost)
            faults.Add(almost);
        NodeOptions? options = null;
        try
        {
            options = section.Get<NodeOptions>() ?? new NodeOptions();
            faults.AddRange(options.Faults(), fault => fault);
            if (StorageServices.FaultOf(options.Database, configuration) is { } mismatch)
                faults.Add(mismatch);
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

        return (options, faults);
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
