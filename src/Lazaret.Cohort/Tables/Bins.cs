namespace Lazaret.Cohort.Tables;

/// <summary>Edges of bins over a number: each bin excludes its upper edge, but the last bin includes both.</summary>
internal static class Bins
{
    private const int Most = 10;

    /// <summary>At most ten bins of the smallest width 1, 2 or 5 times a power of ten, edges at multiples of it.</summary>
    public static IReadOnlyList<double> Derive(double min, double max)
    {
        for (var power = (int)Math.Floor(Math.Log10((max - min) / Most)) - 1; ; power++)
        {
            foreach (var mantissa in new[] { 1, 2, 5 })
            {
                var width = Multiple(1);
                var (first, last) = (Math.Floor(min / width), Math.Ceiling(max / width));
                // The quotients are rounded, but every value must be between the edges.
                if (Multiple(first) > min)
                    first--;
                if (Multiple(last) < max)
                    last++;
                if (last - first <= Most)
                    return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => Multiple(first + i))];

                // One rounding only, so that an edge is the double nearest to its decimal.
                double Multiple(double count) => power < 0 ? count * mantissa / Math.Pow(10, -power) : count * mantissa * Math.Pow(10, power);
            }
        }
    }

    /// <summary>Leaves out edges until every bin holds the minimum of subjects; no edges when all together do not.</summary>
    /// <param name="edges">The edges, increasing.</param>
    /// <param name="rows">Each row's value and subject: somebody at two visits counts once.</param>
    /// <param name="minimum">How many subjects a bin must hold.</param>
    public static IReadOnlyList<double> Merge(IReadOnlyList<double> edges, IEnumerable<(double Value, string Subject)> rows, int minimum)
    {
        var subjects = rows.ToLookup(row => UpperEdge([.. edges], row.Value), row => row.Subject);
        var kept = new List<double> { edges[0] };
        var held = new HashSet<string>(StringComparer.Ordinal);
        for (var bin = 1; bin < edges.Count; bin++)
        {
            held.UnionWith(subjects[bin]);
            if (held.Count >= minimum)
            {
                kept.Add(edges[bin]);
                held.Clear();
            }
        }

        if (kept[^1] == edges[^1])
            return kept;
        // The values after the last edge are too few for a bin of their own.
        if (kept.Count < 2)
            return [];
        kept[^1] = edges[^1];
        return kept;
    }

    /// <summary>The index of the upper edge of the bin that holds a value; 0 for a value in no bin.</summary>
    private static int UpperEdge(double[] edges, double value)
    {
        if (!(value >= edges[0] && value <= edges[^1]))
            return 0;
        var found = Array.BinarySearch(edges, value);
        return Math.Min(found < 0 ? ~found : found + 1, edges.Length - 1);
    }
}
