using System.Numerics;
using System.Runtime.InteropServices;
using Lazaret.Cohort.Scores;

namespace Lazaret.Cohort.Kernels;

/// <summary>
/// The voxels of one map that count for a score, as bits, and what of the map a score divides by, summed by words of 64 voxels: for a volume with
/// holes only the words with a hole are summed again.
/// </summary>
internal sealed class MapDomain
{
    private readonly ReadOnlyMemory<float> _map;
    private readonly Score _score;
    private readonly ulong[] _bits;
    private readonly double[] _first;
    private readonly double[] _second;

    public MapDomain(ReadOnlyMemory<float> map, float[]? mask, Score score)
    {
        (_map, _score) = (map, score);
        var values = map.Span;
        _bits = new ulong[(values.Length + 63) / 64];
        var (sum, count) = (0.0, 0);
        for (var voxel = 0; voxel < values.Length; voxel++)
        {
            if (!float.IsFinite(values[voxel]) || (mask is not null && !(mask[voxel] > 0)) || (score == Score.MeanInside && !(values[voxel] > 0)))
                continue;
            _bits[voxel >> 6] |= 1UL << (voxel & 63);
            (sum, count) = (sum + values[voxel], count + 1);
        }

        Mean = count > 0 ? sum / count : 0;
        _first = new double[_bits.Length];
        _second = new double[_bits.Length];
        var whole = default(Part);
        for (var word = 0; word < _bits.Length; word++)
        {
            var part = Sum(word, _bits[word]);
            (_first[word], _second[word]) = (part.First, part.Second);
            whole += part;
        }

        Whole = whole;
    }

    public ReadOnlySpan<ulong> Bits => _bits;

    /// <summary>Of the map over all its voxels that count.</summary>
    public double Mean { get; }

    public Part Whole { get; }

    /// <summary>Of the voxels that are finite in a volume, too.</summary>
    /// <param name="finite">One bit per voxel; empty when all are.</param>
    public Part Shared(ReadOnlySpan<byte> finite)
    {
        if (finite.IsEmpty)
            return Whole;
        var words = MemoryMarshal.Cast<byte, ulong>(finite);
        var shared = default(Part);
        for (var word = 0; word < _bits.Length; word++)
        {
            var both = _bits[word] & words[word];
            if (both == _bits[word])
                shared += new Part(BitOperations.PopCount(both), _first[word], _second[word]);
            else if (both != 0)
                shared += Sum(word, both);
        }

        return shared;
    }

    private Part Sum(int word, ulong bits)
    {
        var map = _map.Span;
        var (first, second) = (0.0, 0.0);
        if (_score is not (Score.WeightedMean or Score.Cosine or Score.SpatialPearson))
            return new Part(BitOperations.PopCount(bits), 0, 0);
        for (var rest = bits; rest != 0; rest &= rest - 1)
        {
            double value = map[word * 64 + BitOperations.TrailingZeroCount(rest)];
            switch (_score)
            {
                case Score.WeightedMean:
                    first += Math.Abs(value);
                    break;
                case Score.Cosine:
                    first += value * value;
                    break;
                case Score.SpatialPearson:
                    first += value - Mean;
                    second += (value - Mean) * (value - Mean);
                    break;
            }
        }

        return new Part(BitOperations.PopCount(bits), first, second);
    }

    /// <param name="First">Σ |m| for a weighted mean, Σ m² for a cosine, Σ (m − mean) for a correlation.</param>
    /// <param name="Second">Σ (m − mean)² for a correlation.</param>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Part(int Count, double First, double Second)
    {
        public static Part operator +(Part a, Part b) => new(a.Count + b.Count, a.First + b.First, a.Second + b.Second);
    }
}
