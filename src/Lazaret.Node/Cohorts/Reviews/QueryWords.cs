using System.Text.Json;
using Lazaret.Cohort.Statistics;
using Lazaret.Node.Cohorts.Answers;

namespace Lazaret.Node.Cohorts.Reviews;

/// <summary>A question to the cohort as a sentence, for the steward.</summary>
internal static class QueryWords
{
    public static string Of(CohortRequest request)
    {
        var what = request.Version is null ? $"the {NameOf(request.Stat)} correlation between {request.Outcome} and" : $"what {request.Task}@{request.Version} answers ({request.Stat}) about {request.Outcome} and";
        var maps = request.Maps == 1 ? $"the map's score ({request.Score})" : $"the score ({request.Score}) of each of {request.Maps} maps";
        var where = request.Mask is null ? "over the whole grid" : $"inside the mask {request.Mask}";
        var who = OfFilters(request) is { Length: > 0 } filters ? $"people with {filters}" : "all people";
        var beside = request.Covariates.Count == 0 ? "" : $", with {string.Join(" and ", request.Covariates)} partialled out";
        var against = request.Null switch
        {
            "permutation" => $", p by permutation of the outcomes{(request.Within is null ? "" : $" within {request.Within}")}",
            "degree" => ", and beside the score of the cohort's mean map",
            "spatial" => ", p by maps that are as smooth",
            _ => "",
        };
        var side = request.Alternative == AlternativeNames.All[0] ? "" : $", p one-sided ({request.Alternative})";
        if (request.Cv is { } cv)
            return $"how well connectivity {where} predicts {request.Outcome} ({request.Stat}), each by the others ({cv}{(request.Within is null ? "" : $" of {request.Within}")}), among {who}{side}";
        if (request.Parcellation is { } parcellation)
            return $"the {NameOf(request.Stat)} correlation between {request.Outcome} and connectivity at each voxel, as its mean over each parcel of {parcellation}, among {who}";
        return $"{what} {maps} {where}, among {who}{beside}{against}{side}";
    }

    /// <summary>Whom a question is about, filter by filter; empty for all.</summary>
    public static string OfFilters(CohortRequest request) =>
        string.Join(", ", JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(request.Filters)!.Select(filter => $"{filter.Key} {WordsOf(filter.Value)}"));

    // They are named after people.
    private static string NameOf(string statistic) => $"{char.ToUpperInvariant(statistic[0])}{statistic[1..]}";

    private static string WordsOf(JsonElement filter) => filter.ValueKind switch
    {
        JsonValueKind.Array => $"= {string.Join(" or ", filter.EnumerateArray().Select(value => value.ToString()))}",
        JsonValueKind.Object => string.Join(" to ", filter.EnumerateObject().Select(end => $"{(end.Name == "min" ? "from" : "below")} {end.Value}")),
        _ => $"= {filter}",
    };
}
