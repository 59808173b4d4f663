using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lazaret.Cohort.Store;

/// <summary>One bit per voxel of a grid.</summary>
internal static class GridBits
{
    public static ulong[] For(long voxels) => new ulong[(voxels + 63) / 64];

    public static bool Has(ReadOnlySpan<ulong> bits, int voxel) => (bits[voxel >> 6] >> voxel & 1) != 0;

    public static void Set(Span<ulong> bits, int voxel) => bits[voxel >> 6] |= 1UL << voxel;

    /// <summary>Marks where values are finite and where they are not zero, and sets those that are not finite to 0. Returns how many are finite.</summary>
    public static int Clean(Span<float> values, Span<ulong> finite, Span<ulong> nonzero)
    {
        var count = 0;
        for (var word = 0; word < finite.Length; word++)
        {
            var block = values[(word * 64)..Math.Min(values.Length, word * 64 + 64)];
            var (isFinite, isNonzero) = block.Length == 64 ? CleanWhole(block) : CleanRest(block);
            (finite[word], nonzero[word]) = (isFinite, isNonzero);
            count += BitOperations.PopCount(isFinite);
        }

        return count;
    }

    /// <summary>The positions of the set bits, increasing.</summary>
    public static int[] Positions(ReadOnlySpan<ulong> bits)
    {
        var positions = new int[Count(bits)];
        var next = 0;
        for (var word = 0; word < bits.Length; word++)
        {
            for (var rest = bits[word]; rest != 0; rest &= rest - 1)
                positions[next++] = word * 64 + BitOperations.TrailingZeroCount(rest);
        }

        return positions;
    }

    public static int Count(ReadOnlySpan<ulong> bits)
    {
        var count = 0;
        foreach (var word in bits)
            count += BitOperations.PopCount(word);
        return count;
    }

    /// <summary>The values at the set bits, one behind the other.</summary>
    public static void Pack(ReadOnlySpan<float> values, ReadOnlySpan<ulong> bits, Span<float> packed)
    {
        var next = 0;
        for (var word = 0; word < bits.Length; word++)
        {
            for (var rest = bits[word]; rest != 0; rest &= rest - 1)
                packed[next++] = values[word * 64 + BitOperations.TrailingZeroCount(rest)];
        }
    }

    /// <summary>Copies values packed by <paramref name="bits"/> to their positions in an array packed by <paramref name="among"/>. Other positions get 0.</summary>
    public static void Spread(ReadOnlySpan<float> packed, ReadOnlySpan<ulong> bits, ReadOnlySpan<ulong> among, Span<float> spread)
    {
        var (from, to) = (0, 0);
        for (var word = 0; word < among.Length; word++)
        {
            if (bits[word] == among[word])
            {
                var count = BitOperations.PopCount(among[word]);
                packed.Slice(from, count).CopyTo(spread[to..]);
                (from, to) = (from + count, to + count);
                continue;
            }

            for (var rest = among[word]; rest != 0; rest &= rest - 1)
                spread[to++] = (bits[word] & rest & (~rest + 1)) != 0 ? packed[from++] : 0;
        }
    }

    private static (ulong Finite, ulong Nonzero) CleanWhole(Span<float> block)
    {
        ulong finite = 0, nonzero = 0;
        ref var first = ref MemoryMarshal.GetReference(block);
        for (var i = 0; i < 64; i += Vector256<float>.Count)
        {
            var values = Vector256.LoadUnsafe(ref first, (nuint)i);
            var isFinite = Vector256.LessThan(Vector256.Abs(values), Vector256.Create(float.PositiveInfinity));
            values &= isFinite;
            values.StoreUnsafe(ref first, (nuint)i);
            finite |= (ulong)isFinite.ExtractMostSignificantBits() << i;
            nonzero |= (ulong)(~Vector256.Equals(values, Vector256<float>.Zero)).ExtractMostSignificantBits() << i;
        }

        return (finite, nonzero);
    }

    private static (ulong Finite, ulong Nonzero) CleanRest(Span<float> block)
    {
        ulong finite = 0, nonzero = 0;
        for (var i = 0; i < block.Length; i++)
        {
            if (float.IsFinite(block[i]))
                finite |= 1UL << i;
            else
                block[i] = 0;
            if (block[i] != 0)
                nonzero |= 1UL << i;
        }

        return (finite, nonzero);
    }
}
