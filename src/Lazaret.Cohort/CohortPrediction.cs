using System.Security.Cryptography;
using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Statistics.Permutations;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>The built-in analysis <c>cross_validate_v1</c>: how well each row's volume tells its outcome by the R-map of the others.</summary>
public static class CohortPrediction
{
    private const int MostForReach = 2000;

    /// <summary>
    /// How many arrays <see cref="Of"/> returns before the permuted ones: the predictions, and for Pearson the rows of <see cref="Reach"/> when there are not too
    /// many.
    /// </summary>
    public static int Columns(CohortQuery query, CohortSelection selection) =>
        query.Statistic == Statistic.Pearson && selection.Rows.Count <= MostForReach ? 1 + selection.Rows.Count : 1;

    /// <summary>One fold per row of the selection.</summary>
    /// <param name="seed">The seed of the parts of <see cref="FoldScheme.Kfold"/>.</param>
    public static int[] FoldsOf(DataView view, CohortQuery query, CohortSelection selection, byte[] seed) =>
        Folds.Of(query.Folds!.Value, [.. selection.Rows.Select(row => view.Rows[row].SubjectId)], selection.Blocks, seed);

    /// <summary>The predictions in place of scores; then, with <paramref name="withReach"/>, row by row a matrix A: the predictions are A·z for standardised outcomes z, up to their scale.</summary>
    /// <param name="store">It has every row.</param>
    /// <param name="folds">As <see cref="FoldsOf"/> returns them: the code that draws parts is not in the sandbox.</param>
    /// <param name="draws">The seed and the number of orders of a null by permutation; null without one. The predictions of <see cref="OrdersOf"/> are returned as
    /// <see cref="CohortScores.Surrogates"/>.</param>
    /// <exception cref="StoreException">It does not.</exception>
    /// <exception cref="Nifti.NiftiException">The mask is damaged, or does not meet the grid.</exception>
    public static CohortScores Of(DataView view, CohortStore store, CohortQuery query, CohortSelection selection, int[] folds, bool withReach, (byte[] Seed, int Count)? draws, CancellationToken cancellationToken)
    {
        CohortStore.Entry[] entries = [.. selection.Rows.Select(row => store.Find(view.Rows[row]) ?? throw new StoreException("older than a volume"))];
        int[] usable = [.. Enumerable.Range(0, entries.Length).Where(row => entries[row].MatrixRow >= 0)];
        var predicted = Enumerable.Repeat(double.NaN, entries.Length).ToArray();
        var reach = withReach ? Enumerable.Range(1, Columns(query, selection) - 1).Select(_ => Enumerable.Repeat(double.NaN, entries.Length).ToArray()).ToArray() : [];
        double[][] permuted = [.. Enumerable.Range(0, draws?.Count ?? 0).Select(_ => Enumerable.Repeat(double.NaN, entries.Length).ToArray())];
        if (usable.Length > 0)
        {
            var mask = query.Mask is null ? null : SiteMask.Read(view, query.Mask, store.Grid, limits: null);
            var columns = new StoredColumns(store, Array.ConvertAll(usable, row => entries[row]), mask);
            var usableFolds = Array.ConvertAll(usable, row => folds[row]);
            double[] outcome = Array.ConvertAll(usable, row => selection.Outcome[row]);
            Place(new CrossValidation(columns, outcome, usableFolds, query.Statistic).Predict(cancellationToken), predicted);
            if (draws is var (seed, count))
            {
                foreach (var (found, of) in new PermutedPredictions(columns, new PermutedOutcomes(outcome, usableFolds, OrdersOf(selection, usable, seed, count).Orders(), count)).Predict(cancellationToken).Zip(permuted))
                    Place(found, of);
            }

            if (reach.Length > 0)
                Spread(Reach.Of(columns, usableFolds, cancellationToken), usable, reach);
        }

        Fault[] unusable = [.. Enumerable.Range(0, entries.Length).Except(usable).Select(row => store.FaultOf(view.Rows[selection.Rows[row]])!)];
        return new CohortScores(selection, [predicted, .. reach], unusable) { Surrogates = permuted };

        void Place(double[] found, double[] rows)
        {
            for (var i = 0; i < usable.Length; i++)
                rows[usable[i]] = found[i];
        }
    }

    /// <summary>The seed of those orders. It follows from that of the folds, but is another one: with the same seed the first order would be that of the folds.</summary>
    public static byte[] DrawSeedOf(byte[] seed) => SHA256.HashData([.. seed, .. "permutations"u8]);

    /// <summary>
    /// The orders of a null by permutation. They permute all rows whose volumes can be used, also those without a prediction, since these have a part in the
    /// predictions of others. They are drawn in the sandbox, too, which has no library of hashes.
    /// </summary>
    /// <param name="usable">Rows of the selection, increasing.</param>
    public static Shuffles OrdersOf(CohortSelection selection, int[] usable, byte[] seed, int count) =>
        Shuffles.Drawn(usable.Length, selection.Blocks.Count == 0 ? [] : Array.ConvertAll(usable, row => selection.Blocks[row]), () => new QuickNumbers(seed, stream: 0).Below, count);

    /// <summary>R in each of those orders; null where it is not defined.</summary>
    /// <param name="isUsable">One flag per row of the selection.</param>
    /// <param name="permuted">Predictions as <see cref="Of"/> gives them, one array per order.</param>
    public static IEnumerable<double?> PermutedR(CohortSelection selection, IReadOnlyList<bool> isUsable, IReadOnlyList<double[]> permuted, Statistic statistic, byte[] seed)
    {
        int[] usable = [.. Enumerable.Range(0, isUsable.Count).Where(row => isUsable[row])];
        foreach (var (order, predicted) in OrdersOf(selection, usable, seed, permuted.Count).Orders().Zip(permuted))
        {
            int[] kept = [.. Enumerable.Range(0, usable.Length).Where(i => double.IsFinite(predicted[usable[i]]))];
            yield return Correlation.Of(statistic, Array.ConvertAll(kept, i => predicted[usable[i]]), Array.ConvertAll(kept, i => selection.Outcome[usable[order[i]]]), []) is Correlation.Defined(var r, _) ? r : null;
        }
    }

    private static void Spread(double[][] found, int[] usable, double[][] reach)
    {
        for (var i = 0; i < usable.Length; i++)
        {
            for (var j = 0; j < usable.Length; j++)
                reach[usable[i]][usable[j]] = found[i][j];
        }
    }
}
