using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Kernels;

/// <summary>Columns from <paramref name="Start"/> up to, but without, <paramref name="End"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ColumnRun(int Start, int End)
{
    /// <summary>A gap of fewer columns is within one cache line: leaving it out saves nothing.</summary>
    private const int SmallestGap = 16;

    /// <summary>The columns that any of the maps gives weight, in runs of at most <paramref name="longest"/>.</summary>
    public static ColumnRun[] Of(ColumnWeights weights, int longest)
    {
        var runs = new List<ColumnRun>();
        var used = weights.Used();
        for (var column = 0; column < used.Length; column++)
        {
            if (!used[column])
                continue;
            if (runs is [.., var last] && column - last.End < SmallestGap && column - last.Start < longest)
                runs[^1] = last with { End = column + 1 };
            else
                runs.Add(new ColumnRun(column, column + 1));
        }

        return [.. runs];
    }
}
