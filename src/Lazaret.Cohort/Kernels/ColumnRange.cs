using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Kernels;

/// <summary>Columns from <paramref name="Start"/> up to, but without, <paramref name="End"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ColumnRange(int Start, int End)
{
    /// <summary>A gap of fewer columns is within one cache line: leaving it out saves nothing.</summary>
    private const int SmallestGap = 16;

    /// <summary>The columns that any of the maps gives weight, in ranges of at most <paramref name="longest"/>.</summary>
    public static ColumnRange[] Of(ColumnWeights weights, int longest)
    {
        var ranges = new List<ColumnRange>();
        var used = weights.Used();
        for (var column = 0; column < used.Length; column++)
        {
            if (!used[column])
                continue;
            if (ranges is [.., var last] && column - last.End < SmallestGap && column - last.Start < longest)
                ranges[^1] = last with { End = column + 1 };
            else
                ranges.Add(new ColumnRange(column, column + 1));
        }

        return [.. ranges];
    }
}
