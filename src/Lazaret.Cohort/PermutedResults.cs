using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Statistics.Permutations;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>Results with p by permutation or by surrogates, at full precision.</summary>
public static class PermutedResults
{
    /// <summary>The result of one map beside its surrogates'; undefined R count as 0.</summary>
    public static CohortResult OfSurrogates(CohortScores scores, CohortQuery query)
    {
        var result = scores.Correlate(query.Statistic, query.Alternative)[0];
        if (result.R is not { } r || scores.Surrogates.Count == 0)
            return result;
        var least = query.Alternative.Extremity(r) - PermutationTest.Rounding;
        var further = (scores with { Scores = scores.Surrogates }).Correlate(query.Statistic).Count(other => query.Alternative.Extremity(other.R ?? 0) >= least);
        return result with { P = (1.0 + further) / (1.0 + scores.Surrogates.Count), Permutation = new PermutedP(scores.Surrogates.Count, false, null) };
    }

    /// <summary>The result of a cross-validation beside those of permuted outcomes, the scores' surrogates; undefined R count as 0.</summary>
    /// <param name="seed">Of the orders.</param>
    public static CohortResult OfPredictions(DataView view, CohortScores scores, CohortQuery query, byte[] seed)
    {
        var result = scores.Correlate(query.Statistic, query.Alternative)[0];
        if (result.R is not { } r)
            return result;
        var unusable = scores.Unusable.Select(fault => fault.Line).ToHashSet();
        bool[] isUsable = [.. scores.Selection.Rows.Select(row => !unusable.Contains(view.Rows[row].PathsLine))];
        var least = query.Alternative.Extremity(r) - PermutationTest.Rounding;
        var further = CohortPrediction.PermutedR(scores.Selection, isUsable, scores.Surrogates, query.Statistic, seed).Count(other => query.Alternative.Extremity(other ?? 0) >= least);
        return result with { P = (1.0 + further) / (1.0 + scores.Surrogates.Count), Permutation = new PermutedP(scores.Surrogates.Count, false, null) };
    }

    /// <summary>One result per map, all by the same permutations. Where the maps do not all use the same rows, each is tested by itself: the batch has no family-wise p.</summary>
    /// <param name="seed">Of the draws.</param>
    /// <param name="draws">B, where the orders are not so few that all are taken.</param>
    public static IReadOnlyList<CohortResult> Of(CohortScores scores, CohortQuery query, byte[] seed, int draws)
    {
        var results = scores.Correlate(query.Statistic, query.Alternative);
        int[][] kept = [.. scores.Scores.Select(map => CohortScores.Kept(map))];
        if (Array.TrueForAll(kept, rows => rows.SequenceEqual(kept[0])))
            return Test([.. results], scores.Scores, kept[0]);
        return [.. results.Zip(scores.Scores, kept).SelectMany(of => Test([of.First], [of.Second], of.Third))];

        CohortResult[] Test(CohortResult[] family, IReadOnlyList<double[]> maps, int[] rows)
        {
            double[] outcome = Array.ConvertAll(rows, row => scores.Selection.Outcome[row]);
            double[][] covariates = [.. scores.Selection.Covariates.Select(column => Array.ConvertAll(rows, row => column[row]))];
            string[] blocks = scores.Selection.Blocks.Count == 0 ? [] : Array.ConvertAll(rows, row => scores.Selection.Blocks[row]);
            int[] defined = [.. Enumerable.Range(0, family.Length).Where(map => family[map].R is not null)];
            PermutedCorrelation[] correlations = Array.ConvertAll(defined, map => PermutedCorrelation.Of(query.Statistic, Array.ConvertAll(rows, row => maps[map][row]), outcome, covariates)!);
            var shuffles = Shuffles.Of(rows.Length, blocks, seed, draws);
            var test = PermutationTest.Of(correlations, Array.ConvertAll(defined, map => family[map].R!.Value), shuffles, query.Alternative);
            foreach (var (place, map) in defined.Index())
            {
                family[map] = family[map] with
                {
                    P = test.P[place],
                    Permutation = new PermutedP(shuffles.Count, shuffles.AreAll, maps.Count > 1 ? test.FamilyWise[place] : null),
                };
            }

            return family;
        }
    }
}
