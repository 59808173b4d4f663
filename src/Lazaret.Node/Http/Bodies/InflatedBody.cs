using Lazaret.Cohort.Files;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Node.Http.Bodies;

/// <summary>A body that came as gzip, unpacked: checked to its last byte, and refused when it unpacks to more than may be sent.</summary>
internal sealed class InflatedBody(byte[] packed, long max) : ForwardStream
{
    private readonly GzipInput _gzip = new(new BufferedInput(new MemoryStream(packed)));
    private long _read;

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

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _gzip.Dispose();
        base.Dispose(disposing);
    }
}
