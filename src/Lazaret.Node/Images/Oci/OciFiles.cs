using System.Formats.Tar;

namespace Lazaret.Node.Images.Oci;

/// <summary>The files of an OCI layout, wherever they lie.</summary>
internal abstract class OciFiles : IDisposable
{
    /// <summary>Null when there is no regular file of this name.</summary>
    public abstract Stream? Open(string name);

    public abstract void Dispose();
}

/// <summary>A layout as a folder.</summary>
internal sealed class OciFolder(SourceFolder folder) : OciFiles
{
    public override Stream? Open(string name)
    {
        using var file = folder.Find(name, out _);
        return file is { Status.IsRegularFile: true } ? file.Read() : null;
    }

    public override void Dispose() => folder.Dispose();
}

/// <summary>A layout in a tar file, as <c>skopeo copy … oci-archive:FILE</c> and <c>docker save</c> write it: read in place.</summary>
internal sealed class OciArchive : OciFiles
{
    private const int MaxMetadata = 1 << 20;
    private const string Unreadable = "it is neither a squashfs file nor a tar file that can be read";

    private readonly SourceEntry _archive;
    private readonly Dictionary<string, (long Offset, long Length)> _files = new(StringComparer.Ordinal);

    public OciArchive(SourceEntry file)
    {
        _archive = file;
        using var archive = new MeteredStream(file.Read(), Unreadable) { MayPassOver = true };
        using var reader = new TarReader(archive);
        while (Next(archive, reader) is { } entry)
        {
            // What is no plain file cannot be opened, and is missed only where it is asked for.
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile))
                continue;
            var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            if (!_files.TryAdd(name, (entry.DataOffset, entry.Length)))
                throw OciFault.Archive($"holds a name twice: {ImagePath.Shown(name)}");
        }
    }

    public override Stream? Open(string name)
    {
        if (!_files.TryGetValue(name, out var place))
            return null;
        var file = _archive.Read();
        file.Position = place.Offset;
        return new HeadStream(file, place.Length);
    }

    public override void Dispose() => _archive.Dispose();

    private static TarEntry? Next(MeteredStream archive, TarReader reader)
    {
        // Data is skipped by seeking: what is read is headers.
        archive.Limit = archive.Count + MaxMetadata;
        return TarFault.Guard(() => reader.GetNextEntry(), Unreadable);
    }
}
