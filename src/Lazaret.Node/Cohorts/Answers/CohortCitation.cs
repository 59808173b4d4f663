using System.Globalization;
using System.Text;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>A released answer as a text to cite: what was asked of which data, the numbers, and where the signed receipt is. It says nothing that the answer does not.</summary>
internal static class CohortCitation
{
    /// <param name="done">What its requester is shown.</param>
    /// <param name="alternative">Of which p is shown.</param>
    public static string Of(CohortAnswer done, string alternative)
    {
        var query = done.Query ?? done.Results?[0].Query;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{done.Site}, Lazaret {done.NodeVersion ?? "of an earlier version"}, data {done.DataVersion}{(string.IsNullOrEmpty(done.MapSha256) ? "" : ", map sha256:")}{done.MapSha256}. ");
        if (query is not null)
            text.Append(CultureInfo.InvariantCulture, $"{query.Task}{(query.Version is { } version ? $" {version}" : "")}: {query.Stat} of {query.Score ?? "connectivity"} and {query.Outcome}, {(query.Parcellation is { } parcellation ? $"parcellation {parcellation}" : query.Mask is { } mask ? $"mask {mask}" : "whole grid")}, filters {query.Filters.GetRawText()}, covariates {(query.Covariates.Count > 0 ? string.Join(", ", query.Covariates) : "none")}");
        if (done.Results is { } results)
            text.Append(CultureInfo.InvariantCulture, $", {results.Count} maps");
        else if (done.Parcels is { } parcels)
            text.Append(CultureInfo.InvariantCulture, $"; n = {done.N}, mean R of {parcels.Count} parcels");
        else
            Append(text, done, alternative);
        return text.Append(CultureInfo.InvariantCulture, $". Disclosure profile {done.Disclosure?.Profile}. Receipt {done.Receipt}").ToString();
    }

    private static void Append(StringBuilder text, CohortAnswer done, string alternative)
    {
        text.Append(CultureInfo.InvariantCulture, $"; n = {done.N}, R = {done.R}");
        if (done.Interval is [var low, var high])
            text.Append(CultureInfo.InvariantCulture, $", 95 % CI {low} to {high}");
        if (done.DegreesOfFreedom is { } df)
            text.Append(CultureInfo.InvariantCulture, $", df = {df}");
        text.Append(CultureInfo.InvariantCulture, $", p {(done.PBelow is null ? "=" : "<")} {done.PBelow ?? done.P} ({alternative})");
        if (done.Auc is { } auc)
            text.Append(CultureInfo.InvariantCulture, $", AUC = {auc} (n1 = {done.Ones}, n0 = {done.Zeros}, p = {done.AucP})");
    }
}
