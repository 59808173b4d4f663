using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Lazaret.Disclosure.Noise;

/// <summary>
/// Bits that nobody without the key can tell from random ones. The same query on the same data always gets the same bits: block i is
/// HMAC-SHA256(key, context ‖ i as 4 bytes, big-endian), and each byte is used from its most significant bit on.
/// </summary>
/// <remarks>The seed depends on what was asked and the version of the data, never on the requester: asking again, or as somebody else, averages nothing out.</remarks>
public sealed class KeyedStream
{
    private readonly byte[] _key;
    private readonly byte[] _message;
    private readonly byte[] _block = new byte[HMACSHA256.HashSizeInBytes];
    private uint _next;
    private int _bit = 8 * HMACSHA256.HashSizeInBytes;

    public KeyedStream(ReadOnlySpan<byte> key, ReadOnlySpan<byte> context)
    {
        _key = key.ToArray();
        _message = [.. context, 0, 0, 0, 0];
    }

    /// <summary>How many bits were used.</summary>
    public long BitsUsed { get; private set; }

    /// <summary>The stream of a query for one purpose. Each part has its length before it, so that two different contexts never have the same bytes.</summary>
    /// <param name="purpose">What the bits are for: two purposes of one query share none.</param>
    /// <param name="dataVersion">What identifies the data.</param>
    /// <param name="question">What was asked: for noise, what the answer follows from (the people, their scores); for draws, the query as control C0 writes it.</param>
    public static KeyedStream Of(ReadOnlySpan<byte> key, string purpose, string dataVersion, ReadOnlySpan<byte> question)
    {
        var context = new List<byte>();
        Add(Encoding.UTF8.GetBytes(purpose));
        Add(Encoding.UTF8.GetBytes(dataVersion));
        Add(question);
        return new KeyedStream(key, CollectionsMarshal.AsSpan(context));

        void Add(ReadOnlySpan<byte> part)
        {
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
            context.AddRange(length);
            context.AddRange(part);
        }
    }

    public bool Bit()
    {
        if (_bit == 8 * _block.Length)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_message.AsSpan(_message.Length - 4), _next);
            _next = checked(_next + 1);
            HMACSHA256.HashData(_key, _message, _block);
            _bit = 0;
        }

        var bit = (_block[_bit / 8] >> (7 - _bit % 8) & 1) == 1;
        _bit++;
        BitsUsed++;
        return bit;
    }

    /// <summary>A number of this many bits, at most 64.</summary>
    public ulong Bits(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 64);
        var number = 0UL;
        for (var i = 0; i < count; i++)
            number = number << 1 | (Bit() ? 1UL : 0);
        return number;
    }

    /// <summary>
    /// A number from 0 to <paramref name="below"/> − 1, all exactly equally likely. It takes as many bits as below − 1 has, and new ones when they make too large a
    /// number.
    /// </summary>
    public BigInteger Below(BigInteger below)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(below, BigInteger.One);
        var length = (int)(below - 1).GetBitLength();
        while (true)
        {
            var number = BigInteger.Zero;
            for (var i = 0; i < length; i++)
                number = number << 1 | (Bit() ? 1 : 0);
            if (number < below)
                return number;
        }
    }
}
