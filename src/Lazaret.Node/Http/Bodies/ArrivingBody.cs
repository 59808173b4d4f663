using System.Buffers;
using System.IO.Pipelines;
using Lazaret.Cohort.Files;
using Microsoft.AspNetCore.Connections;

namespace Lazaret.Node.Http.Bodies;

/// <summary>
/// A request's body as it arrives. A cancelled read of the request's own stream leaves the server's reader in the middle of a read,
/// which the server then logs as an error; here the pending read is ended in order. A body beyond its limit is refused here, too.
/// </summary>
internal sealed class ArrivingBody : ForwardStream
{
    private readonly PipeReader _reader;
    private readonly CancellationToken _stop;
    private readonly CancellationTokenRegistration _stopping;

    private readonly long _max;
    private long _read;

    public ArrivingBody(PipeReader reader, long max, CancellationToken stop)
    {
        (_reader, _max, _stop) = (reader, max, stop);
        _stopping = stop.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), reader);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ReadResult result;
        try
        {
            result = await _reader.ReadAsync(CancellationToken.None);
        }
        catch (ConnectionAbortedException e)
        {
            throw new OperationCanceledException("The client has gone.", e);
        }

        if (result.IsCanceled)
        {
            _reader.AdvanceTo(result.Buffer.Start);
            throw new OperationCanceledException(_stop);
        }

        var length = (int)Math.Min(result.Buffer.Length, buffer.Length);
        var bytes = result.Buffer.Slice(0, length);
        bytes.CopyTo(buffer.Span);
        _reader.AdvanceTo(bytes.End);
        return (_read += length) <= _max ? length : throw new BodyRefusedException(BodyRefusal.TooLarge(_max));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _stopping.Dispose();
        base.Dispose(disposing);
    }
}
