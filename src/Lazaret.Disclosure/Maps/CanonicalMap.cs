using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Lazaret.Disclosure.Maps;

/// <summary>
/// A map as control C0 compares it: scaled to its largest absolute value and quantised to 10 bits, −511 to 511. A map that was rescaled by a
/// positive number, or changed by so little that no code changes, is the same query. It gets the answer of the map that came first.
/// </summary>
public sealed class CanonicalMap
{
    /// <summary>The code of the largest absolute value.</summary>
    public const int Largest = 511;

    /// <summary>The code of a voxel that is NaN or infinite. Analyses leave such voxels out.</summary>
    public const short Absent = -512;

    private readonly short[] _codes;

    private CanonicalMap(short[] codes, double lost) => (_codes, EnergyLost) = (codes, lost);

    /// <summary>One code per voxel, in the order of the map.</summary>
    public ReadOnlySpan<short> Codes => _codes;

    /// <summary>
    /// Σ (x − quantised x)²/Σ x², in [0, 1]: near 1 for a map with one voxel so large that all others became 0. Maps that lose much are
    /// refused when they are sent: their answer would be about another map.
    /// </summary>
    public double EnergyLost { get; }

    /// <param name="voxels">The voxels of one map, on the site's grid.</param>
    public static CanonicalMap Of(ReadOnlySpan<float> voxels)
    {
        var largest = 0.0;
        foreach (var voxel in voxels)
            largest = float.IsFinite(voxel) ? Math.Max(largest, Math.Abs((double)voxel)) : largest;
        var codes = new short[voxels.Length];
        var (energy, error) = (0.0, 0.0);
        for (var i = 0; i < codes.Length; i++)
        {
            if (!float.IsFinite(voxels[i]))
            {
                codes[i] = Absent;
                continue;
            }

            var scaled = largest > 0 ? voxels[i] / largest : 0;
            codes[i] = (short)Math.Round(scaled * Largest, MidpointRounding.ToEven);
            var wrong = scaled - codes[i] / (double)Largest;
            (energy, error) = (energy + scaled * scaled, error + wrong * wrong);
        }

        return new CanonicalMap(codes, energy > 0 ? Math.Min(1, error / energy) : 0);
    }

    /// <summary>SHA-256 of the codes, two bytes each, little-endian.</summary>
    public byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[2 * 1024];
        for (var start = 0; start < _codes.Length; start += 1024)
        {
            var part = _codes.AsSpan(start, Math.Min(1024, _codes.Length - start));
            for (var i = 0; i < part.Length; i++)
                BinaryPrimitives.WriteInt16LittleEndian(bytes[(2 * i)..], part[i]);
            hash.AppendData(bytes[..(2 * part.Length)]);
        }

        return hash.GetHashAndReset();
    }
}
