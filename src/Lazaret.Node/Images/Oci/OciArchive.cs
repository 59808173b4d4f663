using System.Formats.Tar;

namespace Lazaret.Node.Images.Oci;

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
            // Only plain files can be opened. Any other entry is a fault only when the layout refers to it.
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
        // The content of files is passed over by seeking, so that only headers count.
        archive.Limit = archive.Count + MaxMetadata;
        return TarFault.Guard(() => reader.GetNextEntry(), Unreadable);
    }
}
