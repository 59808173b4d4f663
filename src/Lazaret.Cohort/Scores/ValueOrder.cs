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
        var order = new uint[values.Length];
        Of(values, order);
        var ranks = new float[values.Length];
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && (order[end] & Greater) == 0;)
                end++;
            for (var i = start; i < end; i++)
                ranks[order[i] & Position] = start + 1 + end;
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
