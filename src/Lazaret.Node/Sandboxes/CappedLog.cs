using System.Buffers;
using System.Text;

namespace Lazaret.Node.Sandboxes;

/// <summary>What a program prints, up to a cap. What comes after is read and dropped, so that the program neither blocks nor fills memory.</summary>
internal static class CappedLog
{
    /// <summary>Reads to the end of <paramref name="stream"/>, that is until nobody is left who could write.</summary>
    public static string Drain(Stream stream, int cap)
    {
        var kept = new byte[cap];
        var length = 0;
        var buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
        try
        {
            while (stream.Read(buffer) is var count and > 0)
            {
                var fits = Math.Min(count, cap - length);
                buffer.AsSpan(0, fits).CopyTo(kept.AsSpan(length));
                length += fits;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        // The operator reads this on a terminal: no escape sequences of a stranger.
        return string.Create(
            Encoding.UTF8.GetCharCount(kept.AsSpan(0, length)),
            kept.AsMemory(0, length),
            static (text, bytes) =>
            {
                Encoding.UTF8.GetChars(bytes.Span, text);
                foreach (ref var character in text)
                {
                    if (char.IsControl(character) && character is not ('\n' or '\t'))
                        character = '\uFFFD';
                }
            });
    }
}
