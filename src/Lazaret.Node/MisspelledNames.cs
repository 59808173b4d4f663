using Lazaret.Node.Configuration;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node;

/// <summary>Finds names outside the section <c>Lazaret</c> that were probably meant for it. Nothing reads such a name, so the default would silently apply.</summary>
internal static class MisspelledNames
{
    private const string Between = "__";
    private const string Connections = "ConnectionStrings";
    private const string Trace = "LAZARET_TRACE";

    private static readonly string[] KnownConnections = ["Lazaret", "Redis"];

    // "Logging" is the framework's.
    private static readonly string[] KnownSections = [NodeOptions.Section, Connections, "Logging"];

    // LazaretConfiguration reports "Kestrel" itself, with more detail.
    private static readonly string[] KnownInFiles = [.. KnownSections, "urls", "Kestrel"];

    // What else the node's own file may set that matters.
    private static readonly string[] Others =
        [.. SettingAliases.All.Keys.Order(StringComparer.Ordinal), NodeEnvironment.Variable, NodeEnvironment.OlderVariable, ConfigurationFaults.Collector, "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME"];

    // Addresses of other .NET programs. This node takes its address from URLS or --urls.
    private static readonly string[] OfAddresses = ["ASPNETCORE_URLS", "DOTNET_URLS"];

    /// <summary>Of an environment file, which is the node's own: there every name with two underscores is to be a setting.</summary>
    public static IEnumerable<(string Name, string Fault)> FindInVariables(IReadOnlyList<(string Name, string Value)> variables)
    {
        var ofKeys = variables.LastOrDefault(variable => IsSame(variable.Name, "Lazaret__Keys__Variable")).Value ?? new Keys.KeyOptions().Variable;
        foreach (var name in variables.Select(variable => variable.Name).Distinct(StringComparer.Ordinal))
        {
            var section = name.Split(Between)[0];
            if (name == ofKeys || name == Trace || Others.Contains(name, StringComparer.Ordinal) || (section.Length < name.Length && KnownSections.Any(known => IsSame(known, section))))
                continue;
            if (OfAddresses.Any(known => IsNear(name, known)))
                yield return (name, $"{Quoted(name)}: nothing reads it; did you mean URLS?");
            else if (Others.FirstOrDefault(known => IsNear(name, known)) is { } near)
                yield return (name, $"{Quoted(name)}: nothing reads it; did you mean {near}?");
            else if (section.Length < name.Length || name.StartsWith(NodeOptions.Section, StringComparison.OrdinalIgnoreCase))
                yield return (name, $"{Quoted(name)}: no such setting: they begin with {NodeOptions.Section}{Between} or {Connections}{Between}");
        }
    }

    /// <summary>Of a JSON file that is the node's own, by the paths of its settings.</summary>
    public static IEnumerable<string> OfFile(IEnumerable<string> settings) => settings
        .Select(setting => setting.Split(ConfigurationPath.KeyDelimiter)[0]).Distinct(StringComparer.OrdinalIgnoreCase)
        .Where(name => !name.StartsWith("OTEL_", StringComparison.Ordinal) && !KnownInFiles.Any(known => IsSame(known, name)))
        .Select(name => $"{Quoted(name)}: nothing reads it; there are {string.Join(", ", KnownSections)} and urls");

    /// <summary>Of connections, and of a file's sections that are called almost as the node's is.</summary>
    public static IEnumerable<string> OfSections(IConfiguration configuration)
    {
        foreach (var connection in configuration.GetSection(Connections).GetChildren().Where(connection => !KnownConnections.Any(known => IsSame(known, connection.Key))))
            yield return $"{Quoted(connection.Path)}: no such connection; there are {string.Join(", ", KnownConnections)}";
        foreach (var below in configuration.GetSection(Connections).GetChildren().SelectMany(connection => connection.GetChildren().Take(1)))
            yield return $"{Quoted(below.Path)}: no such connection; {Connections} are values";
        if (configuration[Connections] is { Length: > 0 })
            yield return $"{Connections}: is a section, not a value; there are {string.Join(", ", KnownConnections.Select(known => $"{Connections}:{known}"))}";
        // The framework's section has levels alone; how the log is written is the node's.
        foreach (var (key, _, _) in LazaretConfiguration.Keys(typeof(LoggingOptions), new LoggingOptions(), "Logging:").Where(key => configuration.GetSection(key.Key).Exists()))
            yield return $"{key}: nothing reads it; did you mean {NodeOptions.Section}:{key}?";
        foreach (var section in configuration.GetChildren().Where(section => section.Value is null && section.Key.StartsWith("Laza", StringComparison.OrdinalIgnoreCase) && !IsSame(section.Key, NodeOptions.Section)))
            yield return $"{Quoted(section.Path)}: no such section; the node's is {NodeOptions.Section}";
    }

    /// <summary>Whether one was probably meant for the other: but for case and underscores they are the same, or differ by two letters of at least eight.</summary>
    private static bool IsNear(string name, string known)
    {
        var (one, other) = (Plain(name), Plain(known));
        return one == other || (other.Length >= 8 && Math.Abs(one.Length - other.Length) <= 2 && DistanceOf(one, other) <= 2);

        static string Plain(string text) => text.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
    }

    /// <summary>How many letters must be put in, taken out or exchanged (Levenshtein).</summary>
    private static int DistanceOf(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (var i = 0; i < one.Length; i++)
        {
            var corner = row[0]++;
            for (var j = 0; j < other.Length; j++)
                (row[j + 1], corner) = (Math.Min(Math.Min(row[j], row[j + 1]) + 1, corner + (one[i] == other[j] ? 0 : 1)), row[j + 1]);
        }

        return row[^1];
    }

    private static bool IsSame(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static string Quoted(string name) => Lazaret.Cohort.Faults.Quoted.Bare(name, 200);
}
