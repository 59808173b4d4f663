using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Lazaret.Cohort.Statistics.Permutations;

/// <summary>
/// Numbers that follow from a seed: block i is SHA-256(seed ‖ i as 8 bytes), read as eight numbers of 32 bits, all big-endian. Whoever does not
/// have the seed cannot tell them from chance, and whoever has it can draw them in any language.
/// </summary>
internal sealed class SeededNumbers(ReadOnlySpan<byte> seed)
{
    private readonly byte[] _message = [.. seed, .. new byte[sizeof(ulong)]];
    private readonly byte[] _block = new byte[SHA256.HashSizeInBytes];
    private ulong _next;
    private int _used = SHA256.HashSizeInBytes;

    /// <summary>0 to <paramref name="below"/> − 1, each as likely as the others: the next number modulo <paramref name="below"/>. Numbers from the largest multiple of it on are skipped, since they would make some remainders more likely.</summary>
    public int Below(int below)
    {
        var beyond = (1L << 32) - (1L << 32) % below;
        long number;
        do
            number = Next();
        while (number >= beyond);
        return (int)(number % below);
    }

    private uint Next()
    {
        if (_used == _block.Length)
        {
            BinaryPrimitives.WriteUInt64BigEndian(_message.AsSpan(_message.Length - sizeof(ulong)), _next++);
            SHA256.HashData(_message, _block);
            _used = 0;
        }

        var number = BinaryPrimitives.ReadUInt32BigEndian(_block.AsSpan(_used));
        _used += sizeof(uint);
        return number;
    }
}
