using Lazaret.Node.Linux;

namespace Lazaret.Node.Images;

/// <summary>
/// Writes a tree to a new folder: first its folders, then each file as its content comes, then the links. Owners, times, extended
/// attributes, set-user-id bits and every right to write are left behind: the program runs as another user, from a mount that cannot be
/// written to, without new privileges.
/// </summary>
internal sealed class ImageWriter
{
    public const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    public const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode Folder = ReadOnly | Executable | UnixFileMode.UserWrite;

    private readonly string _root;
    private readonly List<(string Path, string Target)> _links = [];
    private readonly Dictionary<ImageFile, List<string>> _missing = [];

    public ImageWriter(ImageTree tree, string root)
    {
        _root = root;
        CreateFolder(root);
        foreach (var (path, entry) in tree.Entries())
        {
            switch (entry)
            {
                case ImageFolder:
                    CreateFolder(Path.Combine(root, path));
                    break;
                case ImageLink { Target: var target }:
                    _links.Add((path, target));
                    break;
                case ImageFileName { File: var file } when _missing.TryGetValue(file, out var names):
                    names.Add(path);
                    break;
                case ImageFileName { File: var file }:
                    _missing.Add(file, [path]);
                    break;
            }
        }
    }

    /// <summary>Makes a folder that others may read, and only its owner change.</summary>
    public static void CreateFolder(string path)
    {
        Directory.CreateDirectory(path);
        // Whatever the node's umask.
        File.SetUnixFileMode(path, Folder);
    }

    /// <summary>Takes a file's content off the stream, and keeps it if the file is in the tree.</summary>
    /// <exception cref="InvalidDataException">The stream ends before the file does.</exception>
    public void Write(ImageFile file, Stream content)
    {
        if (!_missing.Remove(file, out var names))
        {
            Copy(content, Stream.Null, file.Size);
            return;
        }

        var path = Path.Combine(_root, names[0]);
        using (var copy = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
            Copy(content, copy, file.Size);
        File.SetUnixFileMode(path, file.Executable ? ReadOnly | Executable : ReadOnly);
        foreach (var name in names.Skip(1))
            LinuxCalls.Link(path, Path.Combine(_root, name));
    }

    /// <exception cref="InvalidDataException">A file's content never came.</exception>
    public void Finish()
    {
        if (_missing.Count > 0)
            throw ImageFault.Changed();
        foreach (var (path, target) in _links)
            File.CreateSymbolicLink(Path.Combine(_root, path), target);
    }

    private static void Copy(Stream from, Stream to, long length)
    {
        var buffer = new byte[128 << 10];
        while (length > 0)
        {
            var read = from.Read(buffer, 0, (int)Math.Min(buffer.Length, length));
            if (read == 0)
                throw ImageFault.EndsEarly();
            to.Write(buffer, 0, read);
            length -= read;
        }
    }
}
