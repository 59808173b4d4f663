using Lazaret.Cohort.Nifti;

namespace Lazaret.Node.Http.Bodies;

/// <summary>A body that came as gzip, unpacked: checked to its last byte, and refused when it unpacks to more than may be sent.</summary>
internal sealed class InflatedBody(byte[] packed, long max) : Stream
{
    private readonly GzipInput _gzip = new(new BufferedInput(new MemoryStream(packed)));
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        int read;
        try
        {
            read = _gzip.Read(buffer);
        }
        catch (NiftiException)
        {
            throw new BodyRefusedException(BodyRefusal.TornGzip);
        }

        return (_read += read) <= max ? read : throw new BodyRefusedException(BodyRefusal.TooLarge(max));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _gzip.Dispose();
        base.Dispose(disposing);
    }
}
