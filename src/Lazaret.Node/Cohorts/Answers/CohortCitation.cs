using Lazaret.Cohort.Nulls;
using Lazaret.Cohort.Prediction;
using Lazaret.Cohort.Statistics;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>
/// A released answer as a text to cite: what was asked of which data, the numbers and what makes them (null, draws, seed, parts of a cross-validation), and where the signed receipt is. It says
/// nothing that the answer does not.
/// </summary>
internal static class CohortCitation
{
    private const int MostMaps = 20;

    /// <param name="done">What its requester is shown.</param>
    public static string Of(CohortAnswer done)
    {
        var query = done.Query ?? done.Results?[0].Query;
        var numbers = done switch
        {
            { Results: { } results } => OfMaps(results),
            { Parcels: { } parcels } => Text($"n = {done.N}, mean R of {parcels.Count} parcels"),
            _ => OfOne(done.Rows[0]),
        };
        var map = string.IsNullOrEmpty(done.MapSha256) ? "" : $", map sha256:{done.MapSha256}";
        return $"{done.Site}, Lazaret {done.NodeVersion ?? "of an earlier version"}, data {done.DataVersion}{map}. {(query is null ? "" : $"{Question(query)}; ")}{numbers}.{(done.Disclosure?.Profile is { Length: > 0 } profile ? $" Disclosure profile {profile}." : "")} Receipt {done.Receipt}";
    }

    private static string Question(CanonicalQuery query)
    {
        var version = query.Version is null ? "" : $" {query.Version}";
        var where = query.Parcellation is { } parcellation ? $"parcellation {parcellation}" : query.Mask is { } mask ? $"mask {mask}" : "whole grid";
        var parts = query.Cv is { } cv ? $", left out by turns: {WordsOf(cv, query.Within)}" : "";
        return $"{query.Task}{version}: {query.Stat} of {query.Score ?? "connectivity"} and {query.Outcome}, {where}, filters {query.Filters.GetRawText()}, covariates {(query.Covariates.Count > 0 ? string.Join(", ", query.Covariates) : "none")}{parts}";
    }

    private static string WordsOf(string cv, string? within) => cv == FoldSchemes.Of(FoldScheme.Loo) ? "each person" : cv == FoldSchemes.Of(FoldScheme.Group) ? $"each level of {within}" : "five parts";

    private static string OfMaps(IReadOnlyList<CohortAnswerResult> results) =>
        $"{results.Count} maps: {string.Join("; ", results.Take(MostMaps).Select((result, index) => Text($"map {index + 1}: {OfOne(result)}")))}{(results.Count > MostMaps ? Text($"; and {results.Count - MostMaps} more") : "")}";

    private static string OfOne(CohortAnswerResult of)
    {
        var numbers = new List<string> { Text($"n = {of.N}"), Text($"R = {of.R}") };
        if (of.Interval is [var low, var high])
            numbers.Add(Text($"95 % CI {low} to {high}"));
        if (of.DegreesOfFreedom is { } df)
            numbers.Add(Text($"df = {df}"));
        numbers.Add($"{P("p", of.P, of.PBelow)} ({string.Join(", ", WhatPIs(of))})");
        if (of.Q is { } q)
            numbers.Add(P("q", q, of.QBelow));
        if (of.FamilyWiseP is { } family)
            numbers.Add(P("family-wise p", family, of.FamilyWisePBelow));
        if (of.RBesideDegree is { } beside)
            numbers.Add(Text($"beside the degree R = {beside}, {P("p", of.PBesideDegree, of.PBesideDegreeBelow)}"));
        if (of.Auc is { } auc)
            numbers.Add(Text($"AUC = {auc} (n1 = {of.Ones}, n0 = {of.Zeros}, {P("p", of.AucP, of.AucPBelow)})"));
        // Of permutations and surrogates it stands with p.
        if (of.Permutations is null && of.SeedDigest is { } seed)
            numbers.Add($"parts drawn by seed sha256:{seed}");
        return string.Join(", ", numbers);
    }

    private static IEnumerable<string> WhatPIs(CohortAnswerResult of)
    {
        yield return of.Alternative ?? AlternativeNames.All[0];
        if (of.Permutations is not { } draws)
            yield break;
        var within = of.Query?.Within is { } category ? $" within {category}" : "";
        yield return of.Query?.Null == NullNames.Of(NullModel.Spatial) ? Text($"{draws:N0} surrogates of the map")
            : of.SeedDigest is null && of.Query?.Cv is null ? Text($"all {draws:N0} permutations{within}")
            : Text($"{draws:N0} permutations{within}");
        if (of.SeedDigest is { } seed)
            yield return $"seed sha256:{seed}";
    }

    private static string P(string name, decimal? p, decimal? below) => Text($"{name} {(below is null ? "=" : "<")} {below ?? p}");

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
