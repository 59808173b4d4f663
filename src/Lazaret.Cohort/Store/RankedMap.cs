using System.Numerics;
using System.Runtime.InteropServices;
using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Scores;

namespace Lazaret.Cohort.Store;

/// <summary>A map ranked among the voxels that count for it and for volumes of one bitmap. Ranks are doubled.</summary>
/// <param name="Count">The voxels that count.</param>
/// <param name="AtColumn">By column of the store; 0 where its voxel does not count.</param>
/// <param name="Members">The columns whose voxels count.</param>
/// <param name="OtherCount">Voxels that count and are no column: all volumes are 0 there.</param>
/// <param name="OtherRanks">The sum of the map's ranks at those.</param>
/// <param name="Squares">Of all ranks, less their mean.</param>
internal sealed record RankedMap(int Count, int[] AtColumn, int[] Members, int OtherCount, long OtherRanks, double Squares)
{
    /// <param name="finite">Where the volumes are finite; empty for everywhere.</param>
    public static RankedMap Of(MaskedMaps maps, int map, ReadOnlySpan<byte> finite, int[] columns)
    {
        var domain = maps.Domains[map];
        var values = maps.Maps.Map(map).Span;
        var words = MemoryMarshal.Cast<byte, ulong>(finite);
        var voxels = new int[domain.Whole.Count];
        var kept = new float[voxels.Length];
        var count = 0;
        for (var word = 0; word < domain.Bits.Length; word++)
        {
            for (var rest = domain.Bits[word] & (words.IsEmpty ? ulong.MaxValue : words[word]); rest != 0; rest &= rest - 1)
            {
                voxels[count] = word * 64 + BitOperations.TrailingZeroCount(rest);
                kept[count] = values[voxels[count]];
                count++;
            }
        }

        var atColumn = new int[columns.Length];
        var members = new List<int>();
        var (otherCount, otherRanks, squares) = (0, 0L, 0.0);
        var (column, ranks) = (0, ValueOrder.DoubledRanks(kept.AsSpan(0, count)));
        for (var i = 0; i < count; i++)
        {
            var rank = (int)ranks[i];
            squares += (rank - count - 1.0) * (rank - count - 1.0);
            while (column < columns.Length && columns[column] < voxels[i])
                column++;
            if (column < columns.Length && columns[column] == voxels[i])
            {
                atColumn[column] = rank;
                members.Add(column);
            }
            else
            {
                (otherCount, otherRanks) = (otherCount + 1, otherRanks + rank);
            }
        }

        return new RankedMap(count, atColumn, [.. members], otherCount, otherRanks, squares);
    }
}
