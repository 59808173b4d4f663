using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>Scores before any statistic: what disclosure control looks at, and what never leaves the site.</summary>
/// <param name="Scores">One array per map, one score per row of the selection; NaN for a row that map and volume share no finite voxel with.</param>
/// <param name="Unusable">Volumes that could not be read or lie on another grid; their rows have no score.</param>
public sealed record CohortScores(CohortSelection Selection, IReadOnlyList<double[]> Scores, IReadOnlyList<Fault> Unusable)
{
    /// <summary>The scores of the cohort's mean map, one per row; null where it is not asked about.</summary>
    public double[]? Degree { get; init; }

    /// <summary>The scores of the map's surrogates, or the predictions when outcomes are permuted, where they are asked about.</summary>
    public IReadOnlyList<double[]> Surrogates { get; init; } = [];

    public IReadOnlyList<CohortResult> Correlate(Statistic statistic, Alternative alternative = Alternative.TwoSided) =>
        [.. Scores.Select(scores => Correlate(statistic, alternative, scores))];

    /// <summary>By map, why its result has no R; nothing of those that have one.</summary>
    public IEnumerable<(int Map, string Why)> WhyUndefined(IReadOnlyList<CohortResult> results)
    {
        for (var map = 0; map < results.Count; map++)
        {
            if (results[map].R is not null)
                continue;
            var kept = Kept(Scores[map], Degree);
            yield return (map, kept.Length < 3 ? $"{kept.Length} rows have a score, the outcome and the covariates, and three are the fewest"
                : Array.TrueForAll(kept, row => Scores[map][row] == Scores[map][kept[0]]) ? "the score is the same in all rows"
                : Array.TrueForAll(kept, row => Selection.Outcome[row] == Selection.Outcome[kept[0]]) ? "the outcome is the same in all rows"
                : "the covariates leave nothing of the score or the outcome, or as many rows as are left");
        }
    }

    /// <summary>The rows with a score, and with one of the mean map where that is asked about.</summary>
    public static int[] Kept(double[] scores, double[]? degree = null) =>
        [.. Enumerable.Range(0, scores.Length).Where(row => double.IsFinite(scores[row]) && (degree is null || double.IsFinite(degree[row])))];

    private CohortResult Correlate(Statistic statistic, Alternative alternative, double[] scores)
    {
        var kept = Kept(scores, Degree);
        var (x, y, covariates) = (Keep(scores), Keep(Selection.Outcome), Selection.Covariates.Select(Keep).ToArray());
        var result = new CohortResult(kept.Length, null, null) { Area = covariates.Length == 0 ? MannWhitney.Of(x, y, alternative) : null };
        if (Correlation.Of(statistic, x, y, covariates) is not Correlation.Defined(var r, var p))
            return result;
        result = result with { R = r, P = alternative.P(r, p) };
        if (Degree is not null && Correlation.Of(statistic, x, y, [.. covariates, Keep(Degree)]) is Correlation.Defined(var partial, var pOfPartial))
            result = result with { BesideDegree = (partial, alternative.P(partial, pOfPartial)) };
        if (statistic == Statistic.Kendall)
            return result with { P = Kendall.P(x, y, alternative), Interval = Of(FisherInterval.OfTau(r, kept.Length)) };
        var rank = PartialCorrelation.Basis([.. covariates.Select(column => statistic == Statistic.Spearman ? Ranks.Of(column) : column)]).Count;
        return result with { DegreesOfFreedom = kept.Length - 2 - rank, Interval = Of(FisherInterval.Of(r, kept.Length, rank)) };

        double[] Keep(double[] column) => kept.Length == column.Length ? column : Array.ConvertAll(kept, row => column[row]);

        static (double, double)? Of(FisherInterval? interval) => interval is var (low, high) ? (low, high) : null;
    }
}
