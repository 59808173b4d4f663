using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>Scores before any statistic: what disclosure control looks at, and what never leaves the site.</summary>
/// <param name="Scores">One array a map, one score a row of the selection; NaN for a row that map and volume share no finite voxel with.</param>
/// <param name="Unusable">Volumes that could not be read or lie on another grid; their rows have no score.</param>
public sealed record CohortScores(CohortSelection Selection, IReadOnlyList<double[]> Scores, IReadOnlyList<Fault> Unusable)
{
    public IReadOnlyList<CohortResult> Correlate(Statistic statistic) => [.. Scores.Select(scores => Correlate(statistic, scores))];

    private CohortResult Correlate(Statistic statistic, double[] scores)
    {
        int[] kept = [.. Enumerable.Range(0, scores.Length).Where(row => double.IsFinite(scores[row]))];
        var correlation = Correlation.Of(statistic, Keep(scores), Keep(Selection.Outcome), [.. Selection.Covariates.Select(Keep)]);
        return correlation is Correlation.Defined(var r, var p) ? new CohortResult(kept.Length, r, p) : new CohortResult(kept.Length, null, null);

        double[] Keep(double[] column) => kept.Length == column.Length ? column : Array.ConvertAll(kept, row => column[row]);
    }
}
