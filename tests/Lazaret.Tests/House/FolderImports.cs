using System.Text.RegularExpressions;

namespace Lazaret.Tests.House;

/// <summary>Which subfolder of a folder imports which, by the usings of their files. Files in the folder itself may import all, and are left out.</summary>
internal sealed partial class FolderImports
{
    private readonly SortedDictionary<string, SortedSet<string>> _imports = new(StringComparer.Ordinal);

    /// <param name="parent">The folder.</param>
    /// <param name="rootNamespace">The namespace of its files.</param>
    public FolderImports(string parent, string rootNamespace)
    {
        var folders = Directory.EnumerateDirectories(parent).Where(folder => Sources(folder).Any()).Select(folder => Path.GetFileName(folder)!).ToHashSet(StringComparer.Ordinal);
        foreach (var folder in folders)
        {
            var imports = Sources(Path.Combine(parent, folder))
                .SelectMany(file => Using().Matches(File.ReadAllText(file)))
                .Select(match => match.Groups["name"].Value)
                .Where(name => name.StartsWith($"{rootNamespace}.", StringComparison.Ordinal))
                .Select(name => name[(rootNamespace.Length + 1)..].Split('.')[0])
                .Where(name => name != folder && folders.Contains(name));
            _imports.Add(folder, new SortedSet<string>(imports, StringComparer.Ordinal));
        }
    }

    /// <summary>The folders by layer, the lowest first: each imports lower ones alone. Those in a circle are missing.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Layers()
    {
        var placed = new HashSet<string>(StringComparer.Ordinal);
        var layers = new List<IReadOnlyList<string>>();
        while (_imports.Keys.Where(folder => !placed.Contains(folder) && _imports[folder].IsSubsetOf(placed)).ToList() is { Count: > 0 } layer)
        {
            layers.Add(layer);
            placed.UnionWith(layer);
        }

        return layers;
    }

    /// <summary>The folders of a circle, in the order in which they import each other, the first again at the end; null when there is none.</summary>
    public IReadOnlyList<string>? FindCircle()
    {
        var placed = Layers().SelectMany(layer => layer).ToHashSet(StringComparer.Ordinal);
        if (_imports.Keys.FirstOrDefault(folder => !placed.Contains(folder)) is not { } folder)
            return null;
        // From each folder that could not be placed, some import leads to another such folder: following them must come back.
        var way = new List<string>();
        while (!way.Contains(folder))
        {
            way.Add(folder);
            folder = _imports[folder].First(import => !placed.Contains(import));
        }

        return [.. way.SkipWhile(step => step != folder), folder];
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is ".cs" or ".razor");

    [GeneratedRegex(@"^\s*@?(?:global )?using (?:static |\w+ = )?(?<name>[\w.]+);?\s*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Using();
}
