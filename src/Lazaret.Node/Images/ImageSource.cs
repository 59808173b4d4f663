using Lazaret.Node.Images.Oci;

namespace Lazaret.Node.Images;

/// <summary>An image as somebody brought it, checked whole when it is opened: what is not acceptable never reaches the disk.</summary>
internal abstract class ImageSource : IDisposable
{
    private static readonly byte[] SquashfsMagic = [.. "hsqs"u8];

    /// <summary>Over what was given: what a signature names.</summary>
    public abstract string Digest { get; }

    /// <summary>What the image wants set for its programs.</summary>
    public virtual IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A root folder, an OCI layout as a folder or as an archive, or a squashfs file.</summary>
    /// <exception cref="InvalidDataException">It is none of them, holds what no image may, or may not be taken from there.</exception>
    public static ImageSource Open(SourceFolder folder, string path, ImageLimits limits)
    {
        var entry = folder.Open(path);
        try
        {
            return entry.Status.IsFolder ? OpenFolder(entry, limits) : OpenFile(entry, limits);
        }
        catch
        {
            entry.Dispose();
            throw;
        }
    }

    /// <summary>One that the caller chose.</summary>
    /// <inheritdoc cref="Open(SourceFolder, string, ImageLimits)"/>
    public static ImageSource Open(string path, ImageLimits limits)
    {
        var full = Path.GetFullPath(path);
        using var folder = SourceFolder.Trusted(Path.GetDirectoryName(full)!);
        return Open(folder, Path.GetFileName(full), limits);
    }

    public abstract void Dispose();

    private static ImageSource OpenFolder(SourceEntry entry, ImageLimits limits)
    {
        var layout = SourceFolder.In(entry);
        using (var marker = layout.Find(OciLayout.Marker, out _))
        {
            if (marker is null)
            {
                layout.Dispose();
                return new RootFolderImage(entry, limits);
            }
        }

        entry.Dispose();
        return new OciImage(new OciFolder(layout), limits);
    }

    private static ImageSource OpenFile(SourceEntry entry, ImageLimits limits)
    {
        Span<byte> magic = stackalloc byte[4];
        using (var file = entry.Read())
            magic = magic[..file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)];
        if (magic.SequenceEqual(SquashfsMagic))
            return new SquashfsImage(entry, limits);
        return magic is [0x1f, 0x8b, ..]
            ? throw OciFault.Archive("is compressed as a whole: unpack it with 'gunzip' first")
            : new OciImage(new OciArchive(entry), limits);
    }

    /// <summary>Writes the image to a new folder; that folder's <see cref="ImageDigest"/>.</summary>
    /// <exception cref="InvalidDataException">It is not what it was when it was opened.</exception>
    public abstract string Unpack(string folder);
}
