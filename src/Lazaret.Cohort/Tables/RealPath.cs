namespace Lazaret.Cohort.Tables;

/// <summary>Where a path really leads, all links followed; folders are looked at once.</summary>
internal sealed class RealPath
{
    /// <summary>As many as Linux follows.</summary>
    private const int MostLinks = 40;

    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);

    /// <exception cref="IOException">Links lead in a circle.</exception>
    public string Of(string path) => Follow(path, MostLinks);

    private string Follow(string path, int links)
    {
        if (Path.GetDirectoryName(path) is not { } folder)
            return path;
        var real = Path.Join(Folder(folder, links), Path.GetFileName(path));
        if (new FileInfo(real).LinkTarget is not { } target)
            return real;
        return links > 0 ? Follow(Path.GetFullPath(target, Path.GetDirectoryName(real)!), links - 1) : throw new IOException("too many links");
    }

    private string Folder(string folder, int links)
    {
        if (!_folders.TryGetValue(folder, out var real))
            _folders.Add(folder, real = Follow(folder, links));
        return real;
    }
}
