namespace Lazaret.Cohort.Nifti;

/// <summary>A stream with a window that can be looked at before it is taken.</summary>
public sealed class BufferedInput(Stream stream) : IDisposable
{
    /// <summary>Below the size that the collector treats as a large object: thousands of volumes are opened one after the other.</summary>
    private readonly byte[] _buffer = new byte[80_000];
    private int _start;
    private int _end;

    /// <summary>The next <paramref name="count"/> bytes (at most the 80,000 of the window), fewer only at the end; they stay until skipped.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        if (_end - _start < count)
        {
            if (_start + count > _buffer.Length)
            {
                _buffer.AsSpan(_start.._end).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            int read;
            while (_end - _start < count && (read = stream.Read(_buffer, _end, _buffer.Length - _end)) > 0)
                _end += read;
        }

        return _buffer.AsSpan(_start, Math.Min(count, _end - _start));
    }

    public void Skip(int count) => _start += count;

    /// <summary>Copies what is there; large reads go past the window.</summary>
    public int Read(Span<byte> target)
    {
        if (_start == _end)
            return stream.Read(target);
        var count = Math.Min(target.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(target);
        _start += count;
        return count;
    }

    public void Dispose() => stream.Dispose();
}
