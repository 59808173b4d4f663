using System.Globalization;
using System.Text;
using Lazaret.Node.Cohorts.Answers;

namespace Lazaret.Node.WebConsole.Jobs;

/// <summary>The columns in which a released answer is written. There is one line per map; for an R-map one line per parcel.</summary>
internal static class AnswerTable
{
    public static readonly IReadOnlyList<AnswerColumn> Columns =
    [
        new("n", "People behind the correlation", answer => answer.N),
        new("R", "Correlation, with three decimals; of a parcel the mean over its voxels", answer => answer.R),
        new("ci95_low", "Lower end of the 95 % interval of R, by Fisher's transformation", answer => answer.Interval?[0]),
        new("ci95_high", "Upper end of that interval", answer => answer.Interval?[1]),
        new("p", "Probability of such an R, or one further from zero, by chance", answer => answer.P),
        new("p_below", "Where p is 0.000: what it is below", answer => answer.PBelow),
        new("df", "Degrees of freedom", answer => answer.DegreesOfFreedom),
        new("q", "Share of false discoveries among all maps with this p or a smaller one (Benjamini and Hochberg)", answer => answer.Q),
        new("q_below", "Where q is 0.000: what it is below", answer => answer.QBelow),
        new("p_fwe", "Probability of such an R anywhere among the maps", answer => answer.FamilyWiseP),
        new("p_fwe_below", "Where p_fwe is 0.000: what it is below", answer => answer.FamilyWisePBelow),
        new("B", "Permutations or surrogates that p rests on", answer => answer.Permutations),
        new("R_degree", "Partial correlation beside the score of the cohort's mean map", answer => answer.RBesideDegree),
        new("p_degree", "Probability of R_degree", answer => answer.PBesideDegree),
        new("p_degree_below", "Where p_degree is 0.000: what it is below", answer => answer.PBesideDegreeBelow),
        new("auc", "Area under the ROC curve", answer => answer.Auc),
        new("auc_p", "Mann and Whitney's, from the area", answer => answer.AucP),
        new("auc_p_below", "Where auc_p is 0.000: what it is below", answer => answer.AucPBelow),
        new("coverage", "Share of the map's voxels other than zero that lie on the site's grid and inside the mask", answer => answer.Coverage),
    ];

    /// <summary>The name of the first column, which numbers the lines by the map's place in its file, or by the parcel's label.</summary>
    public static string FirstOf(CohortAnswer answer) => answer.Parcels is null ? "map" : "parcel";

    public static IReadOnlyList<(int Number, CohortAnswerResult Values)> LinesOf(CohortAnswer answer) => answer.Parcels is { } parcels
        ? [.. parcels.Select(parcel => (parcel.Label, new CohortAnswerResult(answer.N!.Value, parcel.R)))]
        : [.. answer.Rows.Select((row, index) => (index + 1, row))];

    /// <summary>The answer as CSV by RFC 4180. It holds only numbers, so that no program that opens it takes a field for a formula.</summary>
    public static string ToCsv(CohortAnswer answer)
    {
        var csv = new StringBuilder(FirstOf(answer)).Append(',').AppendJoin(',', Columns.Select(column => column.Name)).Append("\r\n");
        foreach (var (number, values) in LinesOf(answer))
            csv.Append(CultureInfo.InvariantCulture, $"{number},").AppendJoin(',', Columns.Select(column => Convert.ToString(column.Of(values), CultureInfo.InvariantCulture))).Append("\r\n");
        return csv.ToString();
    }
}

/// <summary>A column.</summary>
/// <param name="Name">Its name, the same as in the JSON of the HTTP interface if that has the value.</param>
/// <param name="Description">What it means.</param>
/// <param name="Of">Returns its value; null when the answer has none.</param>
internal sealed record AnswerColumn(string Name, string Description, Func<CohortAnswerResult, object?> Of);
