namespace Lazaret.Cohort.Tables;

/// <summary>
/// Where conn_path points, wherever the view is mounted: a path that is absolute inside the view's own folder on the host,
/// or begins with /data/, is meant relative to the view.
/// </summary>
internal sealed class VolumePaths(string view, string host)
{
    private const string Mount = "/data/";

    private readonly string _view = Root(view);
    private readonly string _host = Root(host);
    private readonly RealPath _real = new();
    private readonly SortedSet<string> _outside = new(StringComparer.Ordinal);

    /// <summary>The folders beyond the view that hold volumes; none lies in another.</summary>
    public IReadOnlyList<string> Outside =>
        [.. _outside.Where(folder => !_outside.Any(other => other.Length < folder.Length && folder.StartsWith(Root(other), StringComparison.Ordinal)))];

    /// <summary>Whether a path is absolute in the view's own folder on the host, and so right only where the view is seen there.</summary>
    public bool HasAbsolute { get; private set; }

    /// <summary>The full path, or null with what is wrong.</summary>
    public (string? Path, string? Wrong) Resolve(string text)
    {
        if (text.Length == 0)
            return (null, "is empty");
        if (text.Contains('\0', StringComparison.Ordinal))
            return (null, "is no path");
        if (!Path.IsPathRooted(text))
            return Below(text);
        var full = Path.GetFullPath(text);
        foreach (var prefix in new[] { _view, _host, Mount })
        {
            if (!full.StartsWith(prefix, StringComparison.Ordinal))
                continue;
            HasAbsolute |= prefix != Mount;
            return Below(full[prefix.Length..]);
        }

        _outside.Add(Path.GetDirectoryName(full)!);
        return (full, null);
    }

    /// <summary>The same wherever the view is mounted: within it, or absolute beyond it.</summary>
    public string NameOf(string full) => full.StartsWith(_view, StringComparison.Ordinal) ? full[_view.Length..] : full;

    private (string?, string?) Below(string relative)
    {
        var full = Path.GetFullPath(relative, _view);
        if (!full.StartsWith(_view, StringComparison.Ordinal))
            return (null, "leaves the data view");
        try
        {
            var real = _real.Of(full);
            if (!real.StartsWith(Root(_real.Of(Path.TrimEndingDirectorySeparator(_view))), StringComparison.Ordinal))
                _outside.Add(Path.GetDirectoryName(real)!);
        }
        catch (IOException)
        {
            return (null, "is a link that leads nowhere");
        }

        return (full, null);
    }

    private static string Root(string folder) => folder.EndsWith('/') ? folder : folder + '/';
}
