using Lazaret.Cohort.Kernels;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>
/// The built-in analysis <c>outcome_map_v1</c>: the cohort's R-map, at each voxel the correlation of connectivity and outcome, as its mean over each parcel. Such a
/// mean is a product of the standardised outcome with one weight per row, and the weights follow from the volumes alone.
/// </summary>
public static class CohortOutcomeMap
{
    /// <summary>Columns that are read at a time: 256 bytes of each row.</summary>
    private const int Width = 64;

    /// <summary>
    /// In place of scores one array of weights a parcel (<see cref="MeanCorrelation"/>): the mean, over its voxels, of the rows' connectivity (or of its ranks), centred and of length 1. What does not vary in the cohort is
    /// left out, and all weights are 0 where fewer voxels than <paramref name="fewest"/> vary. NaN for a parcel of fewer voxels at all, and for a row whose volume cannot be used.
    /// </summary>
    /// <param name="store">It has every row. Voxels where any volume of it is not finite, whoever is in the cohort, are in no parcel: which parcels are given tells of nobody.</param>
    /// <exception cref="StoreException">It does not have a row.</exception>
    /// <exception cref="NiftiException">The parcellation's volume is damaged, or does not meet the grid.</exception>
    public static CohortScores Of(DataView view, CohortStore store, CohortQuery query, CohortSelection selection, int fewest, CancellationToken cancellationToken)
    {
        var parcellation = view.Parcellations.First(known => known.Name == query.Parcellation);
        CohortStore.Entry[] entries = [.. selection.Rows.Select(row => store.Find(view.Rows[row]) ?? throw new StoreException("older than a volume"))];
        int[] usable = [.. Enumerable.Range(0, entries.Length).Where(row => entries[row] is { MatrixRow: >= 0, Row.FiniteVoxels: > 0 })];
        var parcelOf = SiteLabels.Read(view, parcellation, store.Grid, limits: null);
        var shared = store.SharedBits(view);
        float[] mask = [.. parcelOf.Select((parcel, voxel) => parcel >= 0 && (shared.Length == 0 || (shared[voxel >> 3] >> (voxel & 7) & 1) != 0) ? 1f : 0)];
        var columns = new StoredColumns(store, Array.ConvertAll(usable, row => entries[row]), mask);
        int[] parcels = [.. Enumerable.Range(0, columns.Count).Select(column => parcelOf[columns.Voxel(column)])];
        var sums = new ParcelSums(parcellation.Parcels.Count, usable.Length);
        if (usable.Length > 0)
        {
            OrderedSums.Add((columns.Count + Width - 1) / Width, () => (Sums: new ParcelSums(parcellation.Parcels.Count, usable.Length), Values: new float[Width * usable.Length]), (block, local) =>
            {
                var width = Math.Min(Width, columns.Count - block * Width);
                columns.Block(block * Width, local.Values.AsSpan(0, width * usable.Length));
                for (var i = 0; i < width; i++)
                    local.Sums.Add(parcels[block * Width + i], local.Values.AsSpan(i * usable.Length, usable.Length), query.Statistic);
            }, local => local.Sums.MoveTo(sums), cancellationToken);
        }

        var voxels = parcels.CountBy(parcel => parcel).ToDictionary();
        double[][] weights = [.. parcellation.Parcels.Select((_, parcel) => Spread(voxels.GetValueOrDefault(parcel) < fewest ? null : sums.Mean(parcel, fewest), usable, entries.Length))];
        Fault[] unusable = [.. Enumerable.Range(0, entries.Length).Where(row => entries[row].MatrixRow < 0).Select(row => store.FaultOf(view.Rows[selection.Rows[row]])!)];
        return new CohortScores(selection, weights, unusable);
    }

    private static double[] Spread(double[]? mean, int[] usable, int rows)
    {
        var spread = Enumerable.Repeat(double.NaN, rows).ToArray();
        for (var i = 0; mean is not null && i < usable.Length; i++)
            spread[usable[i]] = mean[i];
        return spread;
    }

    /// <summary>Sums of the unit columns of each parcel.</summary>
    private sealed class ParcelSums(int parcels, int rows)
    {
        private readonly double[] _sums = new double[(long)parcels * rows];
        private readonly int[] _varying = new int[parcels];
        private readonly double[] _column = new double[rows];

        public void Add(int parcel, ReadOnlySpan<float> values, Statistic statistic)
        {
            for (var row = 0; row < rows; row++)
                _column[row] = values[row];
            if (Pearson.Centre(statistic == Statistic.Spearman ? Ranks.Of(_column) : _column) is not { } unit)
                return;
            _varying[parcel]++;
            Add(_sums.AsSpan(parcel * rows, rows), unit);
        }

        public void MoveTo(ParcelSums whole)
        {
            Add(whole._sums, _sums);
            for (var parcel = 0; parcel < parcels; parcel++)
                whole._varying[parcel] += _varying[parcel];
            Array.Clear(_sums);
            Array.Clear(_varying);
        }

        public double[] Mean(int parcel, int fewest) =>
            _varying[parcel] < fewest ? new double[rows] : Array.ConvertAll(_sums[(parcel * rows)..((parcel + 1) * rows)], sum => sum / _varying[parcel]);

        private static void Add(Span<double> to, ReadOnlySpan<double> from)
        {
            for (var i = 0; i < to.Length; i++)
                to[i] += from[i];
        }
    }
}
