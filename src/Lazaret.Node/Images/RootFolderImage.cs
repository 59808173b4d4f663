namespace Lazaret.Node.Images;

/// <summary>A folder that is the program's root as it stands.</summary>
internal sealed class RootFolderImage : ImageSource
{
    private readonly string _folder;
    private readonly ImageTree _tree;
    private readonly List<(string Path, ImageFile File)> _files = [];

    public RootFolderImage(string folder, ImageLimits limits)
    {
        _folder = folder;
        _tree = new ImageTree(limits);
        foreach (var entry in ImageDigest.Entries(folder))
        {
            var path = Path.GetRelativePath(folder, entry.FullName);
            if (entry.LinkTarget is { } target)
                _tree.AddLink(path, target);
            else if (entry is FileInfo file)
                _files.Add((entry.FullName, _tree.AddFile(path, file.Length, (file.UnixFileMode & ImageWriter.Executable) != 0)));
            else
                _tree.AddFolder(path);
        }

        Digest = ImageDigest.Of(folder);
    }

    public override string Digest { get; }

    public override void Unpack(string folder)
    {
        var writer = new ImageWriter(_tree, folder);
        foreach (var (path, file) in _files)
        {
            using var content = File.OpenRead(path);
            writer.Write(file, content);
        }

        writer.Finish();
        if (ImageDigest.Of(folder) != Digest)
            throw new InvalidDataException($"{_folder} changed while it was copied");
    }
}
