using Lazaret.Node.Linux;

namespace Lazaret.Node.Images;

/// <summary>A folder that is the program's root as it stands. All of it is on one file system and one user's.</summary>
internal sealed class RootFolderImage : ImageSource
{
    private readonly SourceEntry _folder;
    private readonly ImageTree _tree;
    private readonly Dictionary<string, ImageFile> _files = new(StringComparer.Ordinal);

    public RootFolderImage(SourceEntry folder, ImageLimits limits)
    {
        _folder = folder;
        _tree = new ImageTree(limits);
        var lines = new DigestLines();
        // By inode: how many names a file has, and how many of them were met.
        var names = new Dictionary<ulong, (uint All, uint Met, string Path)>();
        foreach (var entry in FolderWalk.Of(folder.Handle))
        {
            Add(entry);
            lines.Add(entry);
            if (entry.Status is { IsRegularFile: true, Links: > 1 })
                names[entry.Status.Inode] = (entry.Status.Links, names.GetValueOrDefault(entry.Status.Inode).Met + 1, ImagePath.Shown(entry.Path));
        }

        if (names.Values.FirstOrDefault(file => file.Met < file.All) is { Path: { } path })
            throw ImageFault.Holds($"a hard link to what lies outside of it, and so may be somebody else's file: {path}: copy it, if it is meant");
        Digest = lines.Digest();
    }

    public override string Digest { get; }

    public override string Unpack(string folder)
    {
        var writer = new ImageWriter(_tree, folder);
        foreach (var entry in FolderWalk.Of(_folder.Handle).Where(entry => entry.Status.IsRegularFile))
        {
            if (!_files.TryGetValue(entry.Path, out var file))
                throw Changed();
            using var content = new SourceEntry(entry.Open(), entry.Path);
            CheckFile(content.Status, entry.Path);
            using var stream = content.Read();
            writer.Write(file, stream);
        }

        writer.Finish();
        if (ImageDigest.Of(folder) != Digest)
            throw Changed();
        return Digest;
    }

    public override void Dispose() => _folder.Dispose();

    private void Add(WalkedEntry entry)
    {
        if (entry.Status.IsLink)
        {
            _tree.AddLink(entry.Path, entry.Target);
        }
        else if (entry.Status.IsFolder)
        {
            _tree.AddFolder(entry.Path);
            Check(entry.Status, entry.Path);
        }
        else if (entry.Status.IsRegularFile)
        {
            _files.Add(entry.Path, _tree.AddFile(entry.Path, (long)entry.Status.Size, entry.IsExecutable));
            CheckFile(entry.Status, entry.Path);
        }
        else
        {
            throw ImageFault.Holds("what is neither regular, folder nor link", entry.Path);
        }
    }

    private void CheckFile(LinuxCalls.FileStatus status, string path)
    {
        Check(status, path);
        SourceEntry.CheckFile(status, _folder.Status.User, ImagePath.Shown(path), mayHaveNames: true);
    }

    private void Check(LinuxCalls.FileStatus status, string path)
    {
        if (status.Device != _folder.Status.Device || status.IsMountPoint)
            throw new InvalidDataException($"something is mounted in the image: {ImagePath.Shown(path)}");
        if (status.User != _folder.Status.User)
            throw SourceEntry.Anothers(ImagePath.Shown(path));
    }

    private InvalidDataException Changed() => new($"{_folder.Path} changed while it was copied");
}
