namespace Lazaret.Node.Images;

/// <summary>
/// What an image will hold, in memory: built and checked whole before the first byte is written to disk. Nothing is ever placed below a
/// link, so that no name can lead out of the folder it is unpacked to.
/// </summary>
internal sealed class ImageTree(ImageLimits limits)
{
    private int _entries;
    private long _bytes;
    private int _layer;

    public ImageFolder Root { get; } = new(0);

    /// <summary>Begins the next layer: an entry that is added from now on replaces one of the same path.</summary>
    public void NextLayer() => _layer++;

    public void AddFolder(string path) => FolderAt(Steps(path), path, isNamed: true);

    public ImageFile AddFile(string path, long size, bool executable)
    {
        var file = new ImageFile(size, executable);
        if (size < 0 || (_bytes += size) > limits.Bytes)
            throw ImageFault.Holds($"more than {limits.Bytes >> 20} MiB");
        Place(Steps(path), path, new ImageFileName(_layer, file));
        return file;
    }

    public void AddLink(string path, string target)
    {
        var steps = Steps(path);
        ImagePath.CheckLink(steps, target);
        Place(steps, path, new ImageLink(_layer, target));
    }

    /// <summary>A second name of a file that is already there.</summary>
    public void AddName(string path, string existing)
    {
        var steps = ImagePath.Steps(existing, limits);
        if (Find(steps) is not ImageFileName { File: var file })
            throw ImageFault.Holds("a hard link to what is no file in it", path);
        Place(Steps(path), path, new ImageFileName(_layer, file));
    }

    /// <summary>Hides what lower layers have at a path.</summary>
    public void Remove(string path)
    {
        var steps = Steps(path);
        if (steps.Length > 0 && Find(steps.AsSpan(..^1)) is ImageFolder folder)
            folder.Entries.Remove(steps[^1]);
    }

    /// <summary>Hides everything that lower layers have in a folder.</summary>
    public void Clear(string path)
    {
        if (Find(Steps(path)) is ImageFolder folder)
            folder.Entries.Clear();
    }

    /// <summary>Everything below the root, folders before what they hold.</summary>
    public IEnumerable<(string Path, ImageEntry Entry)> Entries() => Entries(Root, "");

    private static IEnumerable<(string Path, ImageEntry Entry)> Entries(ImageFolder folder, string path)
    {
        foreach (var (name, entry) in folder.Entries)
        {
            var below = path.Length == 0 ? name : $"{path}/{name}";
            yield return (below, entry);
            foreach (var inner in entry is ImageFolder inside ? Entries(inside, below) : [])
                yield return inner;
        }
    }

    private string[] Steps(string path)
    {
        Count();
        return ImagePath.Steps(path, limits);
    }

    private void Count()
    {
        if (++_entries > limits.Entries)
            throw ImageFault.Holds($"more than {limits.Entries} entries");
    }

    private ImageEntry? Find(ReadOnlySpan<string> steps)
    {
        ImageEntry? entry = Root;
        foreach (var step in steps)
            entry = (entry as ImageFolder)?.Entries.GetValueOrDefault(step);
        return entry;
    }

    private void Place(string[] steps, string path, ImageEntry entry)
    {
        if (steps.Length == 0)
            throw ImageFault.Holds("a root that is no folder");
        var folder = FolderAt(steps.AsSpan(..^1), path, isNamed: false);
        if (folder.Entries.TryGetValue(steps[^1], out var present) && present.Layer == _layer)
            throw ImageFault.Holds("a name twice", path);
        folder.Entries[steps[^1]] = entry;
    }

    // A layer need not list the folders above a file. It may replace a link or file of a lower layer by a folder, but only with an entry for
    // that very path. A path that only leads through a link is refused: some readers of images follow the link, others replace it.
    private ImageFolder FolderAt(ReadOnlySpan<string> steps, string path, bool isNamed)
    {
        var folder = Root;
        for (var i = 0; i < steps.Length; i++)
        {
            var present = folder.Entries.GetValueOrDefault(steps[i]);
            if (present is not ImageFolder below)
            {
                if (present is not null && (present.Layer == _layer || !isNamed || i < steps.Length - 1))
                    throw ImageFault.Holds("a name below what is no folder", path);
                Count();
                folder.Entries[steps[i]] = below = new ImageFolder(_layer);
            }

            below.Layer = _layer;
            folder = below;
        }

        return folder;
    }
}

/// <summary>One name in an image, and the layer that put it there.</summary>
internal abstract class ImageEntry(int layer)
{
    /// <summary>The highest layer that has an entry of this name, or below it.</summary>
    public int Layer { get; set; } = layer;
}

internal sealed class ImageFolder(int layer) : ImageEntry(layer)
{
    public Dictionary<string, ImageEntry> Entries { get; } = new(StringComparer.Ordinal);
}

internal sealed class ImageFileName(int layer, ImageFile file) : ImageEntry(layer)
{
    public ImageFile File => file;
}

internal sealed class ImageLink(int layer, string target) : ImageEntry(layer)
{
    public string Target => target;
}

/// <summary>A file's content, under however many names.</summary>
internal sealed class ImageFile(long size, bool executable)
{
    public long Size => size;

    public bool Executable => executable;
}
