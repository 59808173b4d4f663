using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Lazaret.Fhir.Definitions;

/// <summary>A frozen map from UTF-8 strings to small numbers: one probe, one comparison, no transcoding.</summary>
internal sealed class Utf8Table
{
    private readonly byte[][] _keys;
    private readonly int[] _values;
    private readonly int _mask;

    public Utf8Table(IReadOnlyCollection<KeyValuePair<string, int>> entries)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, entries.Count * 2));
        _mask = size - 1;
        _keys = new byte[size][];
        _values = new int[size];
        foreach (var (key, value) in entries)
        {
            var bytes = Encoding.UTF8.GetBytes(key);
            var slot = Hash(bytes) & _mask;
            while (_keys[slot] is not null)
                slot = (slot + 1) & _mask;
            (_keys[slot], _values[slot]) = (bytes, value);
        }
    }

    /// <summary>The value, or -1.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        for (var slot = Hash(key) & _mask; _keys[slot] is { } candidate; slot = (slot + 1) & _mask)
        {
            if (key.SequenceEqual(candidate))
                return _values[slot];
        }

        return -1;
    }

    /// <summary>The length and the first and last eight bytes tell all of FHIR's names apart well enough; equality decides.</summary>
    private static int Hash(ReadOnlySpan<byte> key)
    {
        ulong bits;
        if (key.Length >= 8)
        {
            bits = BinaryPrimitives.ReadUInt64LittleEndian(key) ^ BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(key[^8..]), 29);
        }
        else
        {
            bits = 0;
            foreach (var value in key)
                bits = (bits << 8) | value;
        }

        return (int)(((bits + (ulong)key.Length) * 0x9E3779B97F4A7C15) >> 40);
    }
}
