namespace Lazaret.Node;

/// <summary>Names outside of the section <c>Lazaret</c> that were meant for it: nobody reads them, and what they set would be the default without a word.</summary>
internal static class MisspelledNames
{
    private const string Between = "__";
    private const string Connections = "ConnectionStrings";
    private const string Trace = "LAZARET_TRACE";

    private static readonly string[] KnownConnections = ["Lazaret", "Redis"];

    // "Logging" is the framework's.
    private static readonly string[] KnownSections = [NodeOptions.Section, Connections, "Logging"];

    /// <summary>Of an environment file, which is the node's own: there every name with two underscores is to be a setting.</summary>
    public static IEnumerable<string> OfVariables(IReadOnlyList<(string Name, string Value)> variables)
    {
        var ofKeys = variables.LastOrDefault(variable => IsSame(variable.Name, "Lazaret__Keys__Variable")).Value ?? new Keys.KeyOptions().Variable;
        foreach (var name in variables.Select(variable => variable.Name).Distinct(StringComparer.Ordinal))
        {
            var section = name.Split(Between)[0];
            if (name == ofKeys || name == Trace || (section.Length < name.Length && KnownSections.Any(known => IsSame(known, section))))
                continue;
            if (section.Length < name.Length || name.StartsWith(NodeOptions.Section, StringComparison.OrdinalIgnoreCase))
                yield return $"{Quoted(name)}: no such setting: they begin with {NodeOptions.Section}{Between} or {Connections}{Between}";
        }
    }

    /// <summary>Of connections, and of a file's sections that are called almost as the node's is.</summary>
    public static IEnumerable<string> OfSections(IConfiguration configuration)
    {
        foreach (var connection in configuration.GetSection(Connections).GetChildren().Where(connection => !KnownConnections.Any(known => IsSame(known, connection.Key))))
            yield return $"{Quoted(connection.Path)}: no such connection; there are {string.Join(", ", KnownConnections)}";
        foreach (var section in configuration.GetChildren().Where(section => section.Value is null && section.Key.StartsWith("Laza", StringComparison.OrdinalIgnoreCase) && !IsSame(section.Key, NodeOptions.Section)))
            yield return $"{Quoted(section.Path)}: no such section; the node's is {NodeOptions.Section}";
    }

    private static bool IsSame(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static string Quoted(string name) => Lazaret.Cohort.Faults.Quoted.Bare(name, 200);
}
