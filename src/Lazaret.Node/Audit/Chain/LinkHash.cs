using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Lazaret.Node.Audit.Chain;

/// <summary>
/// The bytes that are hashed, as docs/audit.md describes them. Every number is big-endian; every text is its length in four bytes and then its UTF-8;
/// a missing value is the length 0xFFFFFFFF.
/// </summary>
internal static class LinkHash
{
    public const int Length = 32;
    public const byte Version = 1;

    private const uint Missing = uint.MaxValue;

    /// <summary>What link 1 follows: a hash over link 0, so that it cannot be changed unnoticed.</summary>
    public static byte[] Beginning(long sequence)
    {
        using var hash = Begin();
        Number(hash, 0);
        hash.AppendData(new byte[Length]);
        Number(hash, sequence);
        return hash.GetHashAndReset();
    }

    public static byte[] Of(long number, byte[] previous, StoredEntry entry)
    {
        using var hash = Begin();
        Number(hash, number);
        hash.AppendData(previous);
        Number(hash, entry.Sequence);
        foreach (var column in entry.Columns)
            Text(hash, column);
        return hash.GetHashAndReset();
    }

    private static IncrementalHash Begin()
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([Version]);
        return hash;
    }

    private static void Number(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }

    public static void Text(IncrementalHash hash, byte[]? text)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(length, text is null ? Missing : (uint)text.Length);
        hash.AppendData(length);
        if (text is not null)
            hash.AppendData(text);
    }
}
