namespace Lazaret.Cohort.Scores;

/// <summary>
/// The positions of values in increasing order, by a radix sort of their bits. The highest bit of an entry says that its value is greater than
/// the one before it; without it both are tied.
/// </summary>
internal static class ValueOrder
{
    public const uint Greater = 1u << 31;
    public const uint Position = ~Greater;

    private const int Digit = 11;

    /// <param name="values">Finite.</param>
    /// <param name="order">As long as the values.</param>
    public static void Of(ReadOnlySpan<float> values, Span<uint> order)
    {
        var from = new ulong[values.Length];
        var to = new ulong[values.Length];
        Span<int> counts = new int[3 << Digit];
        for (var i = 0; i < values.Length; i++)
        {
            var key = Key(values[i]);
            from[i] = ((ulong)key << 32) | (uint)i;
            for (var pass = 0; pass < 3; pass++)
                counts[(pass << Digit) + DigitOf(from[i], pass)]++;
        }

        for (var pass = 0; pass < 3; pass++)
        {
            var next = counts.Slice(pass << Digit, 1 << Digit);
            var start = 0;
            foreach (ref var count in next)
                (count, start) = (start, start + count);
            foreach (var entry in from)
                to[next[DigitOf(entry, pass)]++] = entry;
            (from, to) = (to, from);
        }

        for (var i = 0; i < from.Length; i++)
            order[i] = (uint)from[i] | (i > 0 && from[i] >> 32 == from[i - 1] >> 32 ? 0 : Greater);
    }

    /// <summary>Twice each value's rank, so that the middle of tied ranks is a whole number; a single holds those of 8 million voxels exactly.</summary>
    public static float[] DoubledRanks(ReadOnlySpan<float> values)
    {
        // Most of a volume is the zeros around the brain: they are one group, and need no sorting.
        var positions = new int[values.Length];
        var sorted = new float[values.Length];
        var (count, negative) = (0, 0);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] == 0)
                continue;
            (positions[count], sorted[count]) = (i, values[i]);
            (count, negative) = (count + 1, negative + (values[i] < 0 ? 1 : 0));
        }

        var zeros = values.Length - count;
        var ranks = new float[values.Length];
        if (zeros > 0)
            Array.Fill(ranks, 2 * negative + zeros + 1);
        var order = new uint[count];
        Of(sorted.AsSpan(0, count), order);
        for (int start = 0, end; start < count; start = end)
        {
            for (end = start + 1; end < count && (order[end] & Greater) == 0;)
                end++;
            var rank = start + 1 + end + (start >= negative ? 2 * zeros : 0);
            for (var i = start; i < end; i++)
                ranks[positions[order[i] & Position]] = rank;
        }

        return ranks;
    }

    private static int DigitOf(ulong entry, int pass) => (int)(entry >> (32 + pass * Digit)) & ((1 << Digit) - 1);

    /// <summary>Compares as the value does; −0 is 0.</summary>
    private static uint Key(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value + 0f);
        return (bits & Greater) != 0 ? ~bits : bits | Greater;
    }
}
