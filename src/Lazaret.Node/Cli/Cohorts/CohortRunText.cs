using System.Globalization;
using System.Text.Json;
using Lazaret.Cohort;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Queries;
using Lazaret.Cohort.Scores;
using Lazaret.Cohort.Statistics;
using Lazaret.Cohort.Tables;

namespace Lazaret.Node.Cli.Cohorts;

/// <summary>What <c>lazaret cohort run</c> prints: JSON, one object, or a list of them for several maps.</summary>
internal static class CohortRunText
{
    /// <param name="coverage">One a map; none without a map.</param>
    /// <param name="seed">As it was given.</param>
    /// <param name="exact">17 significant digits instead of 3 decimals.</param>
    public static string Of(CohortQuery query, IReadOnlyList<CohortResult> results, IReadOnlyList<double> coverage, string seed, bool exact)
    {
        if (results is [var only])
            return Describe(only, coverage is [var whole] ? whole : null, query, seed, q: null, exact);
        // A map without p is none of those that could be discoveries.
        int[] tested = [.. Enumerable.Range(0, results.Count).Where(map => results[map].P is not null)];
        var q = new double?[results.Count];
        foreach (var (map, share) in tested.Zip(FalseDiscovery.Q([.. tested.Select(map => results[map].P!.Value)])))
            q[map] = share;
        return $"{{\"results\":[{string.Join(',', results.Zip(coverage, q).Select(of => Describe(of.First, of.Second, query, seed, of.Third, exact)))}]}}";
    }

    /// <param name="weights">Of the parcels, and of whose outcomes.</param>
    public static string OfParcels(IReadOnlyList<Parcel> parcels, CohortScores weights, CohortQuery query, bool exact)
    {
        int[] kept = [.. Enumerable.Range(0, weights.Selection.Rows.Count).Where(row => weights.Scores.Any(parcel => double.IsFinite(parcel[row])))];
        double[] outcome = Array.ConvertAll(kept, row => weights.Selection.Outcome[row]);
        var values = parcels.Zip(weights.Scores, (parcel, of) => $"{{\"label\":{parcel.Label},\"name\":{JsonSerializer.Serialize(parcel.Name)},\"R\":{Number(MeanR(Array.ConvertAll(kept, row => of[row])), exact)}}}");
        return $"{{\"n\":{kept.Length},\"parcels\":[{string.Join(',', values)}]}}";

        // Without weights, or where none is other than 0, a parcel has no R.
        double? MeanR(double[] of) => Array.Exists(of, weight => weight is not (0 or double.NaN)) ? MeanCorrelation.Of(query.Statistic, of, outcome) : null;
    }

    private static string Describe(CohortResult result, double? coverage, CohortQuery query, string seed, double? q, bool exact)
    {
        var members = new List<string> { $"\"n\":{result.N}", $"\"R\":{Number(result.R)}" };
        AddP("p", result.P);
        if (q is not null)
            AddP("q", q);
        if (result.BesideDegree is var (partial, pOfPartial))
        {
            members.Add($"\"R_degree\":{Number(partial)}");
            AddP("p_degree", pOfPartial);
        }

        if (result.Permutation is { } permutation)
        {
            if (permutation.FamilyWise is { } family)
                AddP("p_fwe", family);
            members.Add($"\"B\":{permutation.Orders}");
            members.Add(permutation.AreAll ? "\"exact\":true" : $"\"seed\":{JsonSerializer.Serialize(seed)}");
        }

        members.Add($"\"alternative\":\"{AlternativeNames.Of(query.Alternative)}\"");
        if (result.DegreesOfFreedom is { } df)
            members.Add($"\"df\":{df}");
        if (result.Interval is var (low, high))
            members.Add($"\"ci95\":[{Number(low)},{Number(high)}]");
        if (result.Area is { } area)
        {
            members.Add($"\"auc\":{Number(area.Area)}");
            AddP("auc_p", area.P);
            members.Add($"\"n1\":{area.Ones},\"n0\":{area.Zeros}");
        }

        members.Add($"\"score\":\"{ScoreNames.Of(query.Score)}\"");
        if (query.Folds is { } folds)
            members.Add($"\"cv\":\"{FoldSchemes.Of(folds)}\"");
        if (query.Folds == FoldScheme.Kfold && result.Permutation is null)
            members.Add($"\"seed\":{JsonSerializer.Serialize(seed)}");
        if (coverage is not null)
            members.Add($"\"coverage\":{Number(coverage)}");
        return $"{{{string.Join(',', members)}}}";

        // As the answers of a node have it: a p that is shown as 0.001 is not below it.
        void AddP(string name, double? p)
        {
            members.Add($"\"{name}\":{Number(p)}");
            if (p is { } known && CohortRunText.Number(known, exact: false) == "0.000")
                members.Add($"\"{name}_below\":0.001");
        }

        string Number(double? value) => CohortRunText.Number(value, exact);
    }

    private static string Number(double? value, bool exact) => value is { } number ? number.ToString(exact ? "G17" : "F3", CultureInfo.InvariantCulture) : "null";
}
