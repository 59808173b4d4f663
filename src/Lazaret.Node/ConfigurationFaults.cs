using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Lazaret.Cohort.Faults;

namespace Lazaret.Node;

/// <summary>What of a configuration nothing would read, or nothing can: the framework's binder passes over the first, and stops at one of the second.</summary>
internal static class ConfigurationFaults
{
    public const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string LogLevels = "Logging:LogLevel";

    /// <summary>Every key of a section that its options do not have, and every value that is none of its kind.</summary>
    public static void Find(IConfigurationSection section, Type type, FaultList<string> faults)
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
                FindInList(child, element, faults);
            else if (IsMap(property.PropertyType) && child.GetChildren().FirstOrDefault(entry => entry.Value is null) is { } torn)
                faults.Add($"{Quoted.Bare(torn.Path, 200)}: keys of a configuration cannot hold a colon: write %3A for it");
            else if (IsSection(property.PropertyType))
                Find(child, property.PropertyType, faults);
            else if (IsList(property.PropertyType))
                FindInList(child, null, faults);
            else
                FindInValue(child, property.PropertyType, faults);
        }
    }

    /// <summary>The same of what the framework and its libraries read.</summary>
    public static void FindOfFramework(IConfiguration configuration, FaultList<string> faults)
    {
        foreach (var level in configuration.GetSection(LogLevels).GetChildren().Where(level => !Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _)))
            faults.Add($"{Quoted.Bare(level.Path, 200)}: {Quoted.Text(level.Value ?? "")} is none of {string.Join(", ", Enum.GetNames<LogLevel>())}");
        if (configuration[Collector] is { Length: > 0 } address && !(Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            faults.Add($"{Collector}: is no address like http://127.0.0.1:4317");
    }

    public static IEnumerable<PropertyInfo> Settable(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod?.IsPublic == true);

    public static bool IsSection(Type type) => type.IsClass && type != typeof(string) && !IsList(type);

    private static void FindInList(IConfigurationSection list, Type? element, FaultList<string> faults)
    {
        foreach (var item in list.GetChildren())
        {
            if (element is not null)
                Find(item, element, faults);
            else
                FindBelow(item, faults);
        }
    }

    private static void FindInValue(IConfigurationSection value, Type type, FaultList<string> faults)
    {
        FindBelow(value, faults);
        var (plain, isOptional) = Nullable.GetUnderlyingType(type) is { } inner ? (inner, true) : (type, false);
        if (value.Value is not { } text || (isOptional && text.Length == 0) || plain == typeof(string) || !TypeDescriptor.GetConverter(plain).CanConvertFrom(typeof(string)))
            return;
        try
        {
            TypeDescriptor.GetConverter(plain).ConvertFromInvariantString(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or NotSupportedException)
        {
            faults.Add($"{value.Path}: {Quoted.Text(text)} is not {WordsOf(plain)}");
        }
    }

    // In the place of a value the binder reads nothing of it: {"Modes": [{"Name": "key"}]} would be no mode at all.
    private static void FindBelow(IConfigurationSection value, FaultList<string> faults)
    {
        if (value.GetChildren().FirstOrDefault() is { } below)
            faults.Add($"{Quoted.Bare(below.Path, 200)}: no such key; {value.Path} is a value");
    }

    private static string WordsOf(Type type) => type switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(double) => "a number",
        _ when type == typeof(TimeSpan) => "a time like 00:05:00",
        { IsEnum: true } => $"one of {string.Join(", ", Enum.GetNames(type))}",
        _ => $"a {type.Name}",
    };

    private static bool IsList(Type type) => type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type);

    // What a list of sections holds; null for other lists.
    private static Type? ElementOf(Type type) => IsList(type) && type.GetGenericArguments() is [var element] && IsSection(element) ? element : null;

    private static bool IsMap(Type type) => IsList(type) && type.GetGenericArguments().Length == 2;
}
