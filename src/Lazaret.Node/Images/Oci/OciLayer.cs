using System.Formats.Tar;
using System.IO.Compression;

namespace Lazaret.Node.Images.Oci;

/// <summary>Reads a layer entry by entry, under limits on what it unpacks to, and holds both its digests.</summary>
internal sealed class OciLayer : IDisposable
{
    private const int MaxMetadata = 1 << 20;

    private readonly OciDescriptor _descriptor;
    private readonly string _contentDigest;
    private readonly MeteredStream _blob;
    private readonly MeteredStream _content;
    private readonly TarReader _reader;
    private readonly long _budget;

    /// <param name="budget">How many bytes it may unpack to.</param>
    public OciLayer(OciFiles files, OciDescriptor descriptor, string contentDigest, long budget, ImageLimits limits)
    {
        _descriptor = descriptor;
        _contentDigest = contentDigest;
        _budget = budget;
        var decompress = Decompression(descriptor);
        _blob = OciLayout.OpenBlob(files, descriptor);
        _content = new MeteredStream(decompress(_blob), "the image's layers unpack to more than is allowed, or hold names beyond all measure")
        {
            Check = count =>
            {
                if (count > limits.RatioFrom && count / limits.Ratio > _blob.Count)
                    throw ImageFault.Holds($"a layer that unpacks to more than {limits.Ratio} times its size");
            },
        };
        _reader = new TarReader(_content, leaveOpen: true);
    }

    /// <summary>How many bytes it has unpacked to so far.</summary>
    public long Count => _content.Count;

    /// <summary>Each entry; what of its data the caller does not take is passed over.</summary>
    public IEnumerable<TarEntry> Entries()
    {
        while (Next() is { } entry)
        {
            _content.Limit = _budget;
            if (entry.Length > _budget - _content.Count)
                throw OciFault.Layers("unpack to more than is allowed");
            if (entry.EntryType == TarEntryType.GlobalExtendedAttributes)
                continue;
            yield return entry;
            entry.DataStream?.CopyTo(Stream.Null);
        }

        Finish();
    }

    public void Dispose()
    {
        _reader.Dispose();
        _content.Dispose();
        _blob.Dispose();
    }

    private TarEntry? Next()
    {
        // Between two files there are only a header and perhaps some long names. A layer with more there would only fill the memory.
        _content.Limit = Math.Min(_budget, _content.Count + MaxMetadata);
        return TarFault.Guard(() => _reader.GetNextEntry(), "the image holds a layer that is no tar file that can be read");
    }

    // Behind an archive's end there may only be padding: some readers would read a second archive there.
    private void Finish()
    {
        _content.Limit = _budget;
        var buffer = new byte[64 << 10];
        while (_content.Read(buffer) is var read and > 0)
        {
            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0))
                throw ImageFault.Holds("a layer with more behind its end");
        }

        while (_blob.Read(buffer) > 0)
        {
        }

        OciLayout.Verify(_blob, _descriptor);
        if (_content.Digest != _contentDigest)
            throw OciFault.Layer(_descriptor.Digest, "does not unpack to what its image says");
    }

    private static Func<Stream, Stream> Decompression(OciDescriptor layer)
    {
        if (layer.IsForeign || layer.MediaType.Contains("nondistributable", StringComparison.Ordinal) || layer.MediaType.Contains("foreign", StringComparison.Ordinal))
            throw OciFault.Image("has a layer that is stored elsewhere (foreign, or not distributable): build it without that layer");
        return layer.MediaType switch
        {
            "application/vnd.oci.image.layer.v1.tar+gzip" or "application/vnd.docker.image.rootfs.diff.tar.gzip" => blob => new GZipStream(blob, CompressionMode.Decompress),
            "application/vnd.oci.image.layer.v1.tar" or "application/vnd.docker.image.rootfs.diff.tar" => blob => blob,
            "application/vnd.oci.image.layer.v1.tar+zstd" => blob => new ZstdStream(blob),
            var other => throw OciFault.Image($"has a layer of the type {ImagePath.Shown(other)}, which is not read"),
        };
    }
}
