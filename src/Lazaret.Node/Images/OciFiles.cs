using System.Formats.Tar;
using Lazaret.Node.Sandboxes;

namespace Lazaret.Node.Images;

/// <summary>The files of an OCI layout, wherever they lie.</summary>
internal abstract class OciFiles
{
    /// <summary>Null when there is no regular file of this name.</summary>
    public abstract Stream? Open(string name);
}

/// <summary>A layout as a folder. No link in it is followed.</summary>
internal sealed class OciFolder(string path) : OciFiles
{
    public override Stream? Open(string name)
    {
        using var folder = LinuxCalls.OpenFolder(path);
        var file = LinuxCalls.OpenUntrusted(folder, name);
        if (file is null)
            return null;
        if (LinuxCalls.Status(file).IsRegularFile)
            return new FileStream(file, FileAccess.Read);
        file.Dispose();
        return null;
    }
}

/// <summary>A layout in a tar file, as <c>skopeo copy … oci-archive:FILE</c> and <c>docker save</c> write it: read in place.</summary>
internal sealed class OciArchive : OciFiles
{
    private const int MaxMetadata = 1 << 20;
    private const string Unreadable = "it is neither a squashfs file nor a tar file that can be read";

    private readonly string _path;
    private readonly Dictionary<string, (long Offset, long Length)> _files = new(StringComparer.Ordinal);

    public OciArchive(string path)
    {
        _path = path;
        using var archive = new MeteredStream(File.OpenRead(path), Unreadable) { MayPassOver = true };
        using var reader = new TarReader(archive);
        while (Next(archive, reader) is { } entry)
        {
            // What is no plain file cannot be opened, and is missed only where it is asked for.
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                continue;
            var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            if (!_files.TryAdd(name, (entry.DataOffset, entry.Length)))
                throw new InvalidDataException($"the archive holds a name twice: {ImagePath.Shown(name)}");
        }
    }

    public override Stream? Open(string name)
    {
        if (!_files.TryGetValue(name, out var place))
            return null;
        var file = File.OpenRead(_path);
        file.Position = place.Offset;
        return new HeadStream(file, place.Length);
    }

    private static TarEntry? Next(MeteredStream archive, TarReader reader)
    {
        // Data is skipped by seeking: what is read is headers.
        archive.Limit = archive.Count + MaxMetadata;
        return TarFault.Guard(() => reader.GetNextEntry(), Unreadable);
    }
}
