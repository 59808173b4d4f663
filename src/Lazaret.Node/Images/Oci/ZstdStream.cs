using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Lazaret.Node.Images.Oci;

/// <summary>What a zstd stream (RFC 8878) unpacks to. A frame may ask for as much memory as the standard tells decoders to have, and no more.</summary>
internal sealed class ZstdStream : ReadOnlyStream
{
    /// <summary>2^23 = 8 MiB: RFC 8878, section 3.1.1.1.2, recommends to support that, and encoders to ask for no more.</summary>
    private const int WindowLog = 23;

    private readonly DecompressionStream _content;

    public ZstdStream(Stream blob)
        : this(new DecompressionStream(blob, leaveOpen: true))
    {
    }

    private ZstdStream(DecompressionStream content)
        : base(content)
    {
        _content = content;
        content.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, WindowLog);
    }

    public override bool CanSeek => false;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return _content.Read(buffer);
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException)
        {
            throw ImageFault.Holds("a layer that zstd cannot read", e);
        }
    }
}
