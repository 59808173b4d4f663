using System.ComponentModel;
using System.Text.Json.Serialization;
using Lazaret.Disclosure;
using Lazaret.Node.Releases;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>What is released of one map: R and two-sided p with three decimals, and on what they rest.</summary>
internal sealed record CohortAnswerResult(
    [property: JsonPropertyName("n")] int N,
    [property: JsonPropertyName("R")] decimal R,
    [property: JsonPropertyName("p")] decimal P)
{
    [JsonPropertyName("p_below"), Description("where p is 0.000: what it is below"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? PBelow { get; init; }

    /// <summary>The 95 % interval of R by Fisher's transformation, from the released R and n.</summary>
    [JsonPropertyName("ci95"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal[]? Interval { get; init; }

    [JsonPropertyName("df"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? DegreesOfFreedom { get; init; }

    /// <summary>What was asked, in canonical form.</summary>
    [JsonPropertyName("query"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CanonicalQuery? Query { get; init; }

    /// <summary>Which state of the data it is about.</summary>
    [JsonPropertyName("data_version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DataVersion { get; init; }

    /// <summary>What stood between the result and its requester.</summary>
    [JsonPropertyName("disclosure"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DisclosureNote? Disclosure { get; init; }

    public static CohortAnswerResult Of(ReleasedResult result, CanonicalQuery query, string dataVersion, DisclosureNote disclosure) => new(result.N, result.R, result.P)
    {
        PBelow = result.P < 0.001m ? 0.001m : null,
        Interval = result.Interval is var (low, high) ? [low, high] : null,
        DegreesOfFreedom = result.DegreesOfFreedom,
        Query = query,
        DataVersion = dataVersion,
        Disclosure = disclosure,
    };
}
