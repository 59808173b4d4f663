using System.Collections.Concurrent;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>
/// The built-in analysis <c>map_to_outcome_v1</c>: the score of a row is Σ map · connectivity over the voxels that are finite in both
/// and inside the mask, in double precision; the answer is the correlation of scores and outcomes.
/// </summary>
public sealed class CohortAnalysis(DataView view, NiftiLimits? limits = null)
{
    /// <summary>Scores, and correlates by the query's statistic: one result a map.</summary>
    /// <param name="map">On the view's grid, as <see cref="MapPlacement"/> gives it.</param>
    /// <exception cref="NiftiException">The mask is damaged or not on the grid.</exception>
    public IReadOnlyList<CohortResult> Run(CohortQuery query, NiftiVolume map, CancellationToken cancellationToken) =>
        Score(query, map, cancellationToken).Correlate(query.Statistic);

    /// <inheritdoc cref="Run"/>
    public CohortScores Score(CohortQuery query, NiftiVolume map, CancellationToken cancellationToken)
    {
        var grid = view.Grid ?? throw new InvalidOperationException("The data view has no grid.");
        if (!map.Grid.IsSameAs(grid))
            throw new ArgumentException("The map is not on the view's grid.", nameof(map));
        var maps = new MaskedMaps(map, query.Mask is null ? null : ReadMask(query.Mask, grid));
        var selection = CohortSelection.Of(view, query);
        double[][] scores = [.. Enumerable.Range(0, map.Maps).Select(_ => new double[selection.Rows.Count])];
        var unusable = new ConcurrentBag<Fault>();
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, selection.Rows.Count, options, index =>
        {
            var row = view.Rows[selection.Rows[index]];
            var (sums, wrong) = VolumeScore.Read(row.VolumePath, grid, maps, limits);
            if (wrong is not null)
                unusable.Add(new Fault(DataView.PathsFile, row.PathsLine, 0, wrong));
            for (var m = 0; m < scores.Length; m++)
                scores[m][index] = sums?[m] ?? double.NaN;
        });
        return new CohortScores(selection, scores, [.. unusable.OrderBy(fault => fault.Line)]);
    }

    private float[] ReadMask(string name, Grid grid)
    {
        var mask = NiftiVolume.Read(view.MaskPath(name), limits);
        return mask.Maps == 1 && mask.Grid.IsSameAs(grid)
            ? mask.Values
            : throw new NiftiException("dim", $"the mask {name} lies on {mask.Grid}, but the site on {grid}");
    }
}
