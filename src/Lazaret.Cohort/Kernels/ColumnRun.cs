using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Kernels;

/// <summary>Columns from <paramref name="Start"/> up to, but without, <paramref name="End"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ColumnRun(int Start, int End)
{
    /// <summary>A gap of fewer columns is within one cache line: leaving it out saves nothing.</summary>
    private const int SmallestGap = 16;

    public int Length => End - Start;

    /// <summary>The columns that any of the maps gives weight.</summary>
    public static ColumnRun[] Of(ColumnWeights weights)
    {
        var runs = new List<ColumnRun>();
        var used = weights.Used();
        for (var column = 0; column < used.Length; column++)
        {
            if (!used[column])
                continue;
            if (runs is [.., var last] && column - last.End < SmallestGap)
                runs[^1] = last with { End = column + 1 };
            else
                runs.Add(new ColumnRun(column, column + 1));
        }

        return [.. runs];
    }

    /// <summary>The same columns in blocks of at most <paramref name="most"/>, however many runs that takes.</summary>
    public static ColumnRun[][] Blocks(ReadOnlySpan<ColumnRun> runs, int most)
    {
        var blocks = new List<ColumnRun[]>();
        var block = new List<ColumnRun>();
        var room = most;
        foreach (var run in runs)
        {
            for (var rest = run; rest.Length > 0;)
            {
                var taken = rest with { End = Math.Min(rest.End, rest.Start + room) };
                block.Add(taken);
                rest = rest with { Start = taken.End };
                room -= taken.Length;
                if (room > 0)
                    continue;
                blocks.Add([.. block]);
                block.Clear();
                room = most;
            }
        }

        return block.Count == 0 ? [.. blocks] : [.. blocks, [.. block]];
    }
}
