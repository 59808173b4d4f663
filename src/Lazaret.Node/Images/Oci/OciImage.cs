using System.Formats.Tar;

namespace Lazaret.Node.Images.Oci;

/// <summary>
/// An OCI image: its layers are read twice. The first time everything is checked, and what of which layer will be there is worked out in
/// memory; the second time exactly that is written.
/// </summary>
internal sealed class OciImage : ImageSource
{
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";

    private readonly OciFiles _files;
    private readonly ImageLimits _limits;
    private readonly OciLayout _layout;
    private readonly ImageTree _tree;

    /// <summary>Of each layer, its files by their place among its entries.</summary>
    private readonly List<Dictionary<int, ImageFile>> _found = [];

    public OciImage(OciFiles files, ImageLimits limits)
    {
        _files = files;
        _limits = limits;
        _tree = new ImageTree(limits);
        _layout = new OciLayout(files, limits);
        long unpacked = 0;
        for (var i = 0; i < _layout.Layers.Count; i++)
        {
            using var layer = Open(i, limits.Bytes - unpacked);
            Apply([.. layer.Entries().Select(Look)]);
            unpacked += layer.Count;
        }
    }

    public override string Digest => _layout.Digest;

    public override IReadOnlyDictionary<string, string> Environment => _layout.Environment;

    public override string Unpack(string folder)
    {
        var writer = new ImageWriter(_tree, folder);
        for (var i = 0; i < _found.Count; i++)
        {
            using var layer = Open(i, _limits.Bytes);
            foreach (var (place, entry) in layer.Entries().Index())
            {
                if (_found[i].TryGetValue(place, out var file))
                    writer.Write(file, entry.DataStream ?? Stream.Null);
            }
        }

        writer.Finish();
        return ImageDigest.Of(folder);
    }

    public override void Dispose() => _files.Dispose();

    private OciLayer Open(int layer, long budget) => new(_files, _layout.Layers[layer], _layout.ContentDigests[layer], budget, _limits);

    // Whiteouts hide what lower layers have, wherever in their own layer they stand.
    private void Apply(IReadOnlyList<Looked> entries)
    {
        foreach (var entry in entries.Where(entry => entry.IsWhiteout))
            Hide(entry);
        _tree.NextLayer();
        var files = new Dictionary<int, ImageFile>();
        foreach (var (place, entry) in entries.Index())
        {
            if (entry.IsWhiteout)
                continue;
            switch (entry.Type)
            {
                case TarEntryType.Directory:
                    _tree.AddFolder(entry.Path);
                    break;
                case TarEntryType.SymbolicLink:
                    _tree.AddLink(entry.Path, entry.Target);
                    break;
                case TarEntryType.HardLink:
                    _tree.AddName(entry.Path, entry.Target);
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile when !entry.Path.EndsWith('/'):
                    files.Add(place, _tree.AddFile(entry.Path, entry.Size, entry.Executable));
                    break;
                default:
                    throw ImageFault.Holds("what is neither file, folder nor link", entry.Path);
            }
        }

        _found.Add(files);
    }

    private void Hide(Looked whiteout)
    {
        var name = whiteout.FileName;
        var folder = whiteout.Path[..^name.Length];
        var hidden = name[Whiteout.Length..];
        if (whiteout is { Type: TarEntryType.RegularFile or TarEntryType.V7RegularFile, Size: 0 })
        {
            if (name == Opaque)
            {
                _tree.Clear(folder);
                return;
            }

            if (hidden is not ("" or "." or "..") && !hidden.StartsWith(Whiteout, StringComparison.Ordinal))
            {
                _tree.Remove(folder + hidden);
                return;
            }
        }

        throw ImageFault.Holds("a malformed whiteout", whiteout.Path);
    }

    private static Looked Look(TarEntry entry)
    {
        // A sparse file of GNU tar looks like a regular one to whoever does not know it.
        if (entry is PaxTarEntry pax && pax.ExtendedAttributes.Keys.Any(key => key.StartsWith("GNU.sparse", StringComparison.Ordinal)))
            throw ImageFault.Holds("a sparse file", entry.Name);
        return new Looked(entry.EntryType, entry.Name, entry.LinkName, entry.Length, (entry.Mode & ImageWriter.Executable) != 0);
    }

    /// <summary>The part of a tar entry that is kept in memory; there may be hundreds of thousands of entries.</summary>
    private readonly record struct Looked(TarEntryType Type, string Path, string Target, long Size, bool Executable)
    {
        public string FileName => Path[(Path.LastIndexOf('/') + 1)..];

        public bool IsWhiteout => FileName.StartsWith(Whiteout, StringComparison.Ordinal);
    }
}
