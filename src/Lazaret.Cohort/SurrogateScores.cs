using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Queries;

namespace Lazaret.Cohort;

/// <summary>Scores of a map's surrogates, some at a time as a batch.</summary>
public static class SurrogateScores
{
    private const int AtATime = 16;

    /// <summary>One array per surrogate, one score per row of the query's selection; none where the map is too small or too plain to have any.</summary>
    /// <param name="map">One map, on the view's grid. What changes is inside the mask, and without one where any volume differs from 0.</param>
    /// <param name="seed">32 bytes.</param>
    public static IReadOnlyList<double[]> Of(CohortAnalysis analysis, CohortQuery query, NiftiVolume map, byte[] seed, int count, CancellationToken cancellationToken)
    {
        var grid = map.Grid;
        var surrogates = Surrogates.Of(grid, map.Values, Changing(analysis, query, map), seed);
        if (surrogates is null)
            return [];
        var plain = query with { Null = null };
        var scores = new List<double[]>();
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        foreach (var some in Enumerable.Range(0, count).Chunk(AtATime))
        {
            var values = new float[some.Length * grid.Voxels];
            Parallel.For(0, some.Length, options, i => surrogates.Map(some[i]).CopyTo(values.AsSpan((int)(i * grid.Voxels))));
            scores.AddRange(analysis.Score(plain, new NiftiVolume(grid, some.Length, values), cancellationToken).Scores);
        }

        return scores;
    }

    /// <summary>Why there are none; null where there are some.</summary>
    public static string? WhyNone(CohortAnalysis analysis, CohortQuery query, NiftiVolume map) => Surrogates.WhyNone(map.Values, Changing(analysis, query, map));

    private static int[] Changing(CohortAnalysis analysis, CohortQuery query, NiftiVolume map)
    {
        var (grid, store) = (map.Grid, analysis.Store);
        var mask = query.Mask is null ? null : SiteMask.Read(analysis.View, query.Mask, grid, limits: null);
        IEnumerable<int> within = mask is not null ? Enumerable.Range(0, mask.Length).Where(voxel => mask[voxel] > 0)
            : store is not null && store.Grid == grid ? store.Columns : Enumerable.Range(0, (int)grid.Voxels);
        return [.. within.Where(voxel => float.IsFinite(map.Values[voxel]))];
    }
}
