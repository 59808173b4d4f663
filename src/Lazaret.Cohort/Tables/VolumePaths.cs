using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Tables;

/// <summary>
/// Where conn_path points, wherever the view is mounted: a path that is absolute inside the view's own folder on the host,
/// or begins with /data/, is meant relative to the view.
/// </summary>
/// <param name="hidden">The node's own folders, which are hidden in addition to the machine's.</param>
internal sealed class VolumePaths(string view, string host, IEnumerable<string> hidden)
{
    private const string Mount = "/data/";

    private readonly string _view = Root(view);
    private readonly string _host = Root(host);
    private readonly RealPath _real = new();
    private readonly HashSet<OutsidePath> _outside = [];
    private HiddenFolders? _hidden;
    private IReadOnlyList<string> _folders = [];

    /// <summary>The files outside the view that sandboxes mount, sorted by mount point.</summary>
    public IReadOnlyList<OutsidePath> Outside => [.. _outside.OrderBy(path => path.Target, StringComparer.Ordinal)];

    /// <summary>Whether a path is absolute in the view's own folder on the host, and so is right only if the view is mounted there.</summary>
    public bool HasAbsolute { get; private set; }

    private HiddenFolders Hidden => _hidden ??= new HiddenFolders(_real, hidden);

    /// <summary>Folders of volumes that sandboxes may mount as a whole.</summary>
    public void Allow(IEnumerable<string> folders, FaultList<Fault> faults)
    {
        var allowed = new List<string>();
        foreach (var folder in folders.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))))
        {
            if (!Directory.Exists(folder))
                faults.Add(new Fault(SiteDeclaration.File, 0, 0, $"volumes: there is no folder {folder}"));
            else if (!IsAllowed(folder))
                faults.Add(new Fault(SiteDeclaration.File, 0, 0, $"volumes: {folder} is, contains, lies in or points to a folder that programs must not see"));
            else
                allowed.Add(folder);
        }

        _folders = allowed;
    }

    /// <summary>The full path, or null with what is wrong.</summary>
    public (string? Path, string? Wrong) Resolve(string text)
    {
        if (text.Length == 0)
            return (null, "is empty");
        if (text.Any(char.IsControl))
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

        return Check(full);
    }

    /// <summary>
    /// Why a file that exists is not shown, or null. A file that would be mounted on its own must be a sound volume: a row must not show any other
    /// file of the machine. The headers of other volumes are not read here.
    /// </summary>
    public string? WhyNotShown(string volume)
    {
        var files = FilesOf(volume);
        if (!files.SelectMany(PlacesOf).Any(place => !_folders.Any(folder => place.Source == _real.Of(folder))))
            return null;
        if (VolumeHeader.TryRead(volume, out var wrong) is not { } header)
            return wrong;
        return files.Length > 1 && !header.IsPair ? "is no sound volume: a single file under the name of a pair" : null;
    }

    /// <summary>Makes sandboxes show a file that was found (both files of a pair), or the folder of site.yaml that has it.</summary>
    public void Show(string volume) => _outside.UnionWith(FilesOf(volume).Where(file => !LeadsToHidden(file)).SelectMany(PlacesOf));

    /// <summary>What must be mounted so that a program sees a file: nothing for a file in the view.</summary>
    private IEnumerable<OutsidePath> PlacesOf(string file)
    {
        var real = _real.Of(file);
        var isBelow = file.StartsWith(_view, StringComparison.Ordinal);
        if (isBelow && IsInView(real))
            yield break;
        // A link in the view is followed to its real path; an absolute path is mounted as it is written.
        var target = isBelow ? real : file;
        foreach (var folder in _folders)
        {
            foreach (var shown in (string[])[folder, _real.Of(folder)])
            {
                if (!HiddenFolders.Contains(shown, target))
                    continue;
                yield return new OutsidePath(_real.Of(folder), shown);
                // The file may be a link that points outside the folder.
                if (!HiddenFolders.Contains(_real.Of(folder), real))
                    yield return new OutsidePath(real, real);
                yield break;
            }
        }

        yield return new OutsidePath(real, target);
    }

    /// <summary>A name of a file that is the same wherever the view is mounted: its path within the view, or the absolute path if it is outside.</summary>
    public string NameOf(string full) => full.StartsWith(_view, StringComparison.Ordinal) ? full[_view.Length..] : full;

    private (string?, string?) Below(string relative)
    {
        var full = Path.GetFullPath(relative, _view);
        return full.StartsWith(_view, StringComparison.Ordinal) ? Check(full) : (null, "leaves the data view");
    }

    private (string?, string?) Check(string full)
    {
        try
        {
            return LeadsToHidden(full) ? (null, "points to a folder that programs must not see") : (full, null);
        }
        catch (IOException)
        {
            return (null, "is a link that leads nowhere");
        }
    }

    private bool LeadsToHidden(string full) =>
        (!full.StartsWith(_view, StringComparison.Ordinal) && Hidden.Contain(full))
        || (_real.Of(full) is var real && !IsInView(real) && Hidden.Contain(real));

    /// <summary>The volume's file, or both files of a pair.</summary>
    private static string[] FilesOf(string volume)
    {
        try
        {
            return NiftiPair.Of(volume) is { } pair ? [pair.Header, pair.FindImage()] : [volume];
        }
        catch (NiftiException)
        {
            return [volume];
        }
    }

    private bool IsInView(string real) => real.StartsWith(Root(_real.Of(Path.TrimEndingDirectorySeparator(_view))), StringComparison.Ordinal);

    private bool IsAllowed(string folder)
    {
        try
        {
            return Hidden.Allow(folder);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string Root(string folder) => folder.EndsWith('/') ? folder : folder + '/';
}
