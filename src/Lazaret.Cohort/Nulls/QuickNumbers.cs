using System.Buffers.Binary;
using System.Numerics;

namespace Lazaret.Cohort.Nulls;

/// <summary>
/// xoshiro256** (Blackman and Vigna, ACM Trans. Math. Softw. 47, 2021: 36), its 256 bits of state from a seed and the number of a stream by SplitMix64. It runs in
/// a sandbox that has no library of hashes, and draws the millions of numbers of a thousand surrogates.
/// </summary>
internal sealed class QuickNumbers
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <param name="seed">32 bytes.</param>
    /// <param name="stream">Two streams of one seed have nothing in common.</param>
    public QuickNumbers(ReadOnlySpan<byte> seed, int stream)
    {
        if (seed.Length != 32)
            throw new ArgumentException("A seed has 32 bytes.", nameof(seed));
        Span<ulong> state = stackalloc ulong[4];
        for (var word = 0; word < state.Length; word++)
            state[word] = Mix(BinaryPrimitives.ReadUInt64LittleEndian(seed[(8 * word)..]) + (0x9E3779B97F4A7C15 * (4UL * (ulong)stream + (ulong)word + 1)));
        (_a, _b, _c, _d) = (state[0], state[1], state[2], state[3] | 1);
    }

    /// <summary>0 to below − 1; the bias, below/2⁶⁴, is nothing to a simulation.</summary>
    public int Below(int below) => (int)Math.BigMul(Next(), (ulong)below, out _);

    /// <summary>A standard normal number, by Box and Muller.</summary>
    public double Gaussian()
    {
        const double Unit = 1.0 / (1L << 53);
        return Math.Sqrt(-2 * Math.Log(((Next() >> 11) + 1) * Unit)) * Math.Cos(2 * Math.PI * ((Next() >> 11) * Unit));
    }

    private ulong Next()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
}
