namespace Lazaret.Cohort.Tables;

/// <summary>Where a path really leads, with all links followed. Each path is looked at only once.</summary>
internal sealed class RealPath
{
    /// <summary>As many links as Linux follows.</summary>
    private const int MostLinks = 40;

    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <exception cref="IOException">Links lead in a circle.</exception>
    public string Of(string path) => Of(path, MostLinks);

    private string Of(string path, int links)
    {
        if (!_known.TryGetValue(path, out var real))
            _known[path] = real = Follow(path, links);
        return real;
    }

    private string Follow(string path, int links)
    {
        if (Path.GetDirectoryName(path) is not { } folder)
            return path;
        var real = Path.Join(Of(folder, links), Path.GetFileName(path));
        if (new FileInfo(real).LinkTarget is not { } target)
            return real;
        return links > 0 ? Of(Path.GetFullPath(target, Path.GetDirectoryName(real)!), links - 1) : throw new IOException("too many links");
    }
}
