using System.Text;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>What a program prints, up to a cap. What comes after is read and dropped, so that the program neither blocks nor fills memory.</summary>
internal sealed class CappedLog(int cap)
{
    private readonly Lock _gate = new();
    private readonly byte[] _kept = new byte[cap];
    private int _length;

    /// <summary>As much as a pipe holds.</summary>
    private const int Most = 64 << 10;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Reads to the end of <paramref name="stream"/>, that is until no process is left that could write to it. Over the cap it pauses after each
    /// read, so that a program which floods its log costs the node little processor time.
    /// </summary>
    public CappedLog Drain(Stream stream, CancellationToken stop)
    {
        var buffer = new byte[Most];
        while (stream.Read(buffer) is var count and > 0)
        {
            lock (_gate)
            {
                var fits = Math.Min(count, cap - _length);
                buffer.AsSpan(0, fits).CopyTo(_kept.AsSpan(_length));
                _length += fits;
            }

            if (_length == cap)
                stop.WaitHandle.WaitOne(Pause);
        }

        return this;
    }

    /// <summary>Without control characters: the operator reads this on a terminal, and the program must not control the terminal.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            return string.Concat(Encoding.UTF8.GetString(_kept, 0, _length)
                .Select(character => char.IsControl(character) && character is not ('\n' or '\t') ? '\uFFFD' : character));
        }
    }
}
