using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>The built-in analysis <c>cross_validate_v1</c>: how well each row's volume tells its outcome by the R-map of the others.</summary>
public static class CohortPrediction
{
    private const int MostForReach = 2000;

    /// <summary>The arrays of <see cref="Of"/>: the predictions, and where it can be given what each takes from whom.</summary>
    public static int Columns(CohortQuery query, CohortSelection selection) =>
        query.Statistic == Statistic.Pearson && selection.Rows.Count <= MostForReach ? 1 + selection.Rows.Count : 1;

    /// <summary>One fold per row of the selection.</summary>
    /// <param name="seed">Of the parts of <see cref="FoldScheme.Kfold"/>.</param>
    public static int[] FoldsOf(DataView view, CohortQuery query, CohortSelection selection, byte[] seed) =>
        Folds.Of(query.Folds!.Value, [.. selection.Rows.Select(row => view.Rows[row].SubjectId)], selection.Blocks, seed);

    /// <summary>The predictions in place of scores; then, with <paramref name="withReach"/>, row by row a matrix A: the predictions are A·z for standardised outcomes z, up to their scale.</summary>
    /// <param name="store">It has every row.</param>
    /// <param name="folds">Of <see cref="FoldsOf"/>: what draws parts is not in the sandbox.</param>
    /// <exception cref="StoreException">It does not.</exception>
    /// <exception cref="Nifti.NiftiException">The mask is damaged, or does not meet the grid.</exception>
    public static CohortScores Of(DataView view, CohortStore store, CohortQuery query, CohortSelection selection, int[] folds, bool withReach, CancellationToken cancellationToken)
    {
        CohortStore.Entry[] entries = [.. selection.Rows.Select(row => store.Find(view.Rows[row]) ?? throw new StoreException("older than a volume"))];
        int[] usable = [.. Enumerable.Range(0, entries.Length).Where(row => entries[row].MatrixRow >= 0)];
        var predicted = Enumerable.Repeat(double.NaN, entries.Length).ToArray();
        var reach = withReach ? Enumerable.Range(1, Columns(query, selection) - 1).Select(_ => Enumerable.Repeat(double.NaN, entries.Length).ToArray()).ToArray() : [];
        if (usable.Length > 0)
        {
            var mask = query.Mask is null ? null : SiteMask.Read(view, query.Mask, store.Grid, limits: null);
            var columns = new StoredColumns(store, Array.ConvertAll(usable, row => entries[row]), mask);
            var usableFolds = Array.ConvertAll(usable, row => folds[row]);
            var found = new CrossValidation(columns, Array.ConvertAll(usable, row => selection.Outcome[row]), usableFolds, query.Statistic).Predict(cancellationToken);
            for (var i = 0; i < usable.Length; i++)
                predicted[usable[i]] = found[i];
            if (reach.Length > 0)
                Spread(Reach.Of(columns, usableFolds, cancellationToken), usable, reach);
        }

        Fault[] unusable = [.. Enumerable.Range(0, entries.Length).Except(usable).Select(row => store.FaultOf(view.Rows[selection.Rows[row]])!)];
        return new CohortScores(selection, [predicted, .. reach], unusable);
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
