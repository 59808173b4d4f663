namespace Lazaret.Node.Http.Bodies;

/// <summary>Keeps what is written to it in pieces, each taken from the body's share of the memory before it is made.</summary>
/// <param name="expected">How much is to come, if that is known.</param>
internal sealed class BodyBuffer(BodyShare share, long expected = 0) : Stream
{
    private const int FirstPiece = 4 << 10;
    private const int LargestPiece = 64 << 10;

    private readonly List<byte[]> _pieces = [];
    private long _length;
    private int _room;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position { get => _length; set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        share.Grow(buffer.Length);
        while (!buffer.IsEmpty)
        {
            if (_room == 0)
            {
                // What a client says that it will send is not believed beyond one piece.
                _room = (int)Math.Min(_length == 0 && expected > 0 ? expected : Math.Max(_length, FirstPiece), LargestPiece);
                await share.TakeAsync(_room, cancellationToken);
                _pieces.Add(new byte[_room]);
            }

            var part = buffer[..Math.Min(buffer.Length, _room)];
            part.CopyTo(_pieces[^1].AsMemory(_pieces[^1].Length - _room));
            _room -= part.Length;
            _length += part.Length;
            buffer = buffer[part.Length..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>All of it in one piece; the buffer is empty then.</summary>
    public async ValueTask<byte[]> ToArrayAsync(CancellationToken cancellationToken)
    {
        if (_pieces is [var only] && _room == 0)
        {
            _pieces.Clear();
            return only;
        }

        await share.TakeAsync(_length, cancellationToken);
        var all = new byte[_length];
        var at = 0;
        foreach (var piece in _pieces)
        {
            var part = Math.Min(piece.Length, all.Length - at);
            piece.AsSpan(0, part).CopyTo(all.AsSpan(at));
            at += part;
        }

        share.Return(_pieces.Sum(piece => (long)piece.Length));
        _pieces.Clear();
        return all;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
