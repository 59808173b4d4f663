namespace Lazaret.Node.Images;

/// <summary>An image as somebody brought it, checked whole when it is opened: what is not acceptable never reaches the disk.</summary>
internal abstract class ImageSource
{
    private static readonly byte[] SquashfsMagic = [.. "hsqs"u8];

    /// <summary>Over what was given: what a signature names.</summary>
    public abstract string Digest { get; }

    /// <summary>What the image wants set for its programs.</summary>
    public virtual IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A root folder, an OCI layout as a folder or as an archive, or a squashfs file.</summary>
    /// <exception cref="InvalidDataException">It is none of them, or holds what no image may.</exception>
    public static ImageSource Open(string path, ImageLimits limits)
    {
        if (Directory.Exists(path))
            return File.Exists(Path.Combine(path, OciLayout.Marker)) ? new OciImage(new OciFolder(path), limits) : new RootFolderImage(path, limits);
        if (!File.Exists(path))
            throw new InvalidDataException($"there is no folder or file {path}");
        Span<byte> magic = stackalloc byte[4];
        using (var file = File.OpenRead(path))
            magic = magic[..file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false)];
        if (magic.SequenceEqual(SquashfsMagic))
            return new SquashfsImage(path, limits);
        return magic is [0x1f, 0x8b, ..]
            ? throw new InvalidDataException("the archive is compressed as a whole: unpack it with 'gunzip' first")
            : new OciImage(new OciArchive(path), limits);
    }

    /// <summary>Writes the image to a new folder.</summary>
    /// <exception cref="InvalidDataException">It is not what it was when it was opened.</exception>
    public abstract void Unpack(string folder);
}
