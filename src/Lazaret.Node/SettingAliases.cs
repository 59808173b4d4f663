using System.Collections.Frozen;

namespace Lazaret.Node;

/// <summary>Variables that name a setting in another way than its key does.</summary>
internal static class SettingAliases
{
    /// <summary>The names that the starter's scripts set, and what they mean here.</summary>
    public static readonly FrozenDictionary<string, string> All = new Dictionary<string, string>
    {
        ["SITE_NAME"] = "Site:Name",
        ["DATA_VIEW"] = "Data:View",
        ["WORK_DIR"] = "State",
        ["K_MIN"] = "Disclosure:MinimumCohort",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A variable as a setting of the configuration.</summary>
    public static KeyValuePair<string, string?> KeyOf((string Name, string Value) variable) => new(KeyOf(variable.Name), variable.Value);

    /// <summary>What one place, a file or the environment, says twice and not alike: by an alias and by its key. Which of the two somebody means, nobody can tell.</summary>
    public static IEnumerable<string> Faults(IEnumerable<(string Name, string Value)> variables)
    {
        var given = variables.ToList();
        foreach (var (alias, key) in All.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (given.FindLast(variable => variable.Name == alias) is { Name: not null } one
                && given.FindLast(variable => variable.Name != alias && KeyOf(variable.Name).Equals($"{NodeOptions.Section}:{key}", StringComparison.OrdinalIgnoreCase)) is { Name: not null } other
                && one.Value != other.Value)
                yield return $"{alias} and {other.Name}: are the same setting, and have different values: leave one of them out";
        }
    }

    private static string KeyOf(string name) => All.TryGetValue(name, out var key) ? $"{NodeOptions.Section}:{key}" : name.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
}
