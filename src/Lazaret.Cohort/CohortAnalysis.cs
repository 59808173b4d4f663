using System.Collections.Concurrent;
using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>
/// The built-in analysis <c>map_to_outcome_v1</c>: each row is scored (<see cref="Scores.Score"/>) over the voxels that are finite in
/// both and inside the mask, in double precision; the answer is the correlation of scores and outcomes.
/// </summary>
/// <param name="store">Rows that it holds as they are now come from it; all others, or all without a store, are read from their volumes.</param>
public sealed class CohortAnalysis(DataView view, CohortStore? store = null, NiftiLimits? limits = null)
{
    /// <summary>The registers to compute with; the widest unless a test asks for others.</summary>
    internal Product Product { get; init; } = Product.Widest;

    internal DataView View => view;

    internal CohortStore? Store => store;

    /// <summary>
    /// Whether rows of the store that are not asked about are scored, too, and the scores thrown away: how long it takes then does not tell how many are asked about.
    /// The question itself names the visit, and rows of others are not scored.
    /// </summary>
    public bool ScoresOthersToo { get; init; }

    /// <summary>Scores, and correlates by the query's statistic: one result per map.</summary>
    /// <param name="map">On the view's grid, as <see cref="MapPlacement"/> gives it.</param>
    /// <exception cref="NiftiException">The mask is damaged, or does not meet the grid.</exception>
    public IReadOnlyList<CohortResult> Run(CohortQuery query, NiftiVolume map, CancellationToken cancellationToken) =>
        Score(query, map, cancellationToken).Correlate(query.Statistic);

    /// <inheritdoc cref="Run"/>
    public CohortScores Score(CohortQuery query, NiftiVolume map, CancellationToken cancellationToken)
    {
        var grid = view.Grid ?? throw new InvalidOperationException("The data view has no grid.");
        if (!map.Grid.IsSameAs(grid))
            throw new ArgumentException("The map is not on the view's grid.", nameof(map));
        var selection = CohortSelection.Of(view, query);
        CohortRow[] rows = [.. selection.Rows.Select(row => view.Rows[row])];
        CohortRow[] others = ScoresOthersToo ? [.. OthersOf(query, selection)] : [];
        CohortRow[] all = [.. rows, .. others];
        var stored = store?.Grid == grid ? store : null;
        var entries = stored is null ? new CohortStore.Entry?[all.Length] : Array.ConvertAll(all, stored.Find);
        if (query.Null == NullModel.Degree)
        {
            MeanMap.Of([.. others.Where((_, other) => entries[rows.Length + other] is { MatrixRow: >= 0 })], grid, store, limits, cancellationToken);
            map = map with { Maps = map.Maps + 1, Values = [.. map.Values, .. MeanMap.Of(rows, grid, store, limits, cancellationToken)] };
        }

        var maps = new MaskedMaps(map, query.Mask is null ? null : SiteMask.Read(view, query.Mask, grid, limits), query.Score);
        double[][] scores = [.. Enumerable.Range(0, map.Maps).Select(_ => new double[all.Length])];
        // Together: cores take rows by the dozen, and two passes would take longer than one.
        if (stored is not null)
            StoreScores.Fill(stored, Array.ConvertAll(entries, entry => entry?.MatrixRow >= 0 ? entry : null), maps, scores, Product, cancellationToken);
        scores = Array.ConvertAll(scores, ofMap => ofMap[..rows.Length]);

        var unusable = new ConcurrentBag<Fault>();
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.ForEach(Enumerable.Range(0, rows.Length).Where(index => entries[index] is not { MatrixRow: >= 0 }), options, index =>
        {
            var (sums, wrong) = entries[index] is { } known ? (null, known.Row.Wrong) : VolumeScore.Read(rows[index].VolumePath, grid, maps, limits);
            if (wrong is not null)
                unusable.Add(new Fault(DataView.PathsFile, rows[index].PathsLine, 0, wrong));
            for (var map = 0; map < scores.Length; map++)
                scores[map][index] = sums?[map] ?? double.NaN;
        });
        Fault[] faults = [.. unusable.OrderBy(fault => fault.Line)];
        return query.Null == NullModel.Degree
            ? new CohortScores(selection, scores[..^1], faults) { Degree = scores[^1] }
            : new CohortScores(selection, scores, faults);
    }

    /// <summary>All rows of the visit that is asked about but those that are.</summary>
    internal IEnumerable<CohortRow> OthersOf(CohortQuery query, CohortSelection selection)
    {
        var selected = selection.Rows.ToHashSet();
        var visits = query.Visits;
        return view.Rows.Where((row, index) => !selected.Contains(index) && visits?.Contains(row.Visit) != false);
    }
}
