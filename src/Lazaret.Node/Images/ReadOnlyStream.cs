using Lazaret.Cohort.Files;

namespace Lazaret.Node.Images;

/// <summary>A stream over another that is read, and nothing else, and closes it.</summary>
internal abstract class ReadOnlyStream(Stream inner) : ForwardStream
{
    public override bool CanSeek => inner.CanSeek;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>So many bytes from where a stream stands.</summary>
internal sealed class HeadStream(Stream inner, long length) : ReadOnlyStream(inner)
{
    private readonly Stream _inner = inner;
    private long _left = length;

    public override bool CanSeek => false;

    public override int Read(Span<byte> buffer)
    {
        var read = _inner.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        _left -= read;
        return read;
    }
}
