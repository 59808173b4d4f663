using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Files;
using Lazaret.Node.Configuration;

namespace Lazaret.Node;

/// <summary>Reads the section <c>Lazaret</c>: appsettings.json, then environment variables, then the command line.</summary>
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

    /// <exception cref="InputException">An appsettings file is no JSON.</exception>
    /// <param name="arguments">Those of the form <c>--Lazaret:KEY=VALUE</c> or <c>--ConnectionStrings:NAME=VALUE</c>.</param>
    public static IConfigurationRoot Build(IReadOnlyList<string> arguments)
    {
        var aliases = Aliases
            .Select(alias => KeyValuePair.Create($"{NodeOptions.Section}:{alias.Value}", Environment.GetEnvironmentVariable(alias.Key)))
            .Where(setting => setting.Value is not null);
        return new ConfigurationBuilder()
            .AddConfiguration(ReadFile("appsettings.json"))
            .AddConfiguration(ReadFile($"appsettings.{NodeEnvironment.Current.Name}.json"))
            .AddInMemoryCollection(aliases)
            .AddEnvironmentVariables()
            // By this variable the framework would believe everybody's forwarding headers: Http:Proxies says whose.
            .AddInMemoryCollection([KeyValuePair.Create<string, string?>("ForwardedHeaders_Enabled", "false")])
            .AddCommandLine([.. arguments])
            .Build();
    }

    /// <summary>The settings of a file in the working folder; none when there is no such file.</summary>
    private static IConfigurationRoot ReadFile(string name)
    {
        var file = Path.GetFullPath(name);
        var builder = new ConfigurationBuilder();
        try
        {
            using var json = new MemoryStream(RegularFile.ReadAllBytes(file, MaxFileBytes));
            return builder.AddJsonStream(json).Build();
        }
        catch (FileNotFoundException)
        {
            // Without any source the host could set no value over it.
            return builder.AddInMemoryCollection().Build();
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
        FindUnknown(section, typeof(NodeOptions), faults);
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
        catch (InvalidOperationException e)
        {
            faults.Add(e.InnerException is { } inner ? $"{e.Message} {inner.Message}" : e.Message);
        }

        return faults.Count == 0 ? options! : throw new InputException(string.Join('\n', faults.Lines()));
    }

    /// <summary>The keys of an options record, with the property behind each: <c>Jobs:LeaseSeconds</c>.</summary>
    public static IEnumerable<(string Key, PropertyInfo Property, object? Default)> Keys(Type type, object defaults, string prefix = "")
    {
        foreach (var property in Settable(type))
        {
            var value = property.GetValue(defaults);
            if (IsSection(property.PropertyType))
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

    private static void FindUnknown(IConfigurationSection section, Type type, FaultList<string> faults)
    {
        var known = Settable(type).ToDictionary(property => property.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var child in section.GetChildren())
        {
            if (!known.TryGetValue(child.Key, out var property))
                faults.Add($"{Quoted.Bare(child.Path, 200)}: no such key; there are {string.Join(", ", known.Keys.Order(StringComparer.Ordinal))}");
            else if (child.Value is { Length: > 0 } && IsSection(property.PropertyType))
                faults.Add($"{child.Path}: is a section, not a value; there are {string.Join(", ", Settable(property.PropertyType).Select(inner => $"{child.Path}:{inner.Name}"))}");
            else if (child.Value is { Length: > 0 } && IsList(property.PropertyType))
                faults.Add($"{child.Path}: is a list: set {child.Path}:0, {child.Path}:1 and so on");
            else if (ElementOf(property.PropertyType) is { } element)
                FindUnknownIn(child, element, faults);
            else if (IsMap(property.PropertyType) && child.GetChildren().FirstOrDefault(entry => entry.Value is null) is { } torn)
                faults.Add($"{Quoted.Bare(torn.Path, 200)}: keys of a configuration cannot hold a colon: write %3A for it");
            else if (IsSection(property.PropertyType))
                FindUnknown(child, property.PropertyType, faults);
        }
    }

    private static void FindUnknownIn(IConfigurationSection list, Type element, FaultList<string> faults)
    {
        foreach (var item in list.GetChildren())
            FindUnknown(item, element, faults);
    }

    private static IEnumerable<PropertyInfo> Settable(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod?.IsPublic == true);

    private static bool IsList(Type type) => type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type);

    // What a list of sections holds; null for other lists.
    private static Type? ElementOf(Type type) => IsList(type) && type.GetGenericArguments() is [var element] && IsSection(element) ? element : null;

    private static bool IsMap(Type type) => IsList(type) && type.GetGenericArguments().Length == 2;

    private static bool IsSection(Type type) => type.IsClass && type != typeof(string) && !IsList(type);
}
