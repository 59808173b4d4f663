using System.ComponentModel;
using System.Text.Json.Serialization;
using Lazaret.Cohort.Statistics;
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

    /// <summary>The area under the ROC curve, for <c>stat=spearman</c> and an outcome of two values: it follows from the released R and n₁ and n₀.</summary>
    [JsonPropertyName("auc"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Auc { get; init; }

    [JsonPropertyName("auc_p"), Description("Mann and Whitney's, from the area as it is shown"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? AucP { get; init; }

    [JsonPropertyName("auc_ci95"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal[]? AucInterval { get; init; }

    [JsonPropertyName("n1"), Description("beside an area: subjects with the larger value of the outcome"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Ones { get; init; }

    [JsonPropertyName("n0"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Zeros { get; init; }

    [JsonPropertyName("coverage"), Description("the share of the map's voxels that are not zero, which lie on the site's grid and inside the mask"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Coverage { get; init; }

    /// <summary>What was asked, in canonical form.</summary>
    [JsonPropertyName("query"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CanonicalQuery? Query { get; init; }

    /// <summary>Which state of the data it is about.</summary>
    [JsonPropertyName("data_version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DataVersion { get; init; }

    /// <summary>Which version of the node computed it.</summary>
    [JsonPropertyName("node_version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NodeVersion { get; init; }

    /// <summary>What stood between the result and its requester.</summary>
    [JsonPropertyName("disclosure"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DisclosureNote? Disclosure { get; init; }

    /// <summary>With the p of an alternative in place of the two-sided one. It follows from what was released: the null hypothesis has no sign.</summary>
    public CohortAnswerResult For(Alternative alternative)
    {
        var p = alternative == Alternative.TwoSided ? P : Math.Round((decimal)alternative.P((double)R, (double)P), 3, MidpointRounding.ToEven);
        return this with
        {
            P = p,
            PBelow = p < 0.001m ? 0.001m : null,
            AucP = AucP is { } areaP ? Math.Round((decimal)alternative.P((double)(Auc!.Value - 0.5m), (double)areaP), 3, MidpointRounding.ToEven) : null,
            Query = Query is null ? null : Query with { Alternative = AlternativeNames.Of(alternative) },
        };
    }

    public static CohortAnswerResult Of(ReleasedResult result, CanonicalQuery query, string dataVersion, DisclosureNote disclosure) => new(result.N, result.R, result.P)
    {
        PBelow = result.P < 0.001m ? 0.001m : null,
        Interval = result.Interval is var (low, high) ? [low, high] : null,
        DegreesOfFreedom = result.DegreesOfFreedom,
        Auc = result.Area?.Value,
        AucP = result.Area?.P,
        AucInterval = result.Area is { } area ? [area.Low, area.High] : null,
        Ones = result.Area?.Ones,
        Zeros = result.Area?.Zeros,
        Query = query,
        DataVersion = dataVersion,
        NodeVersion = Configuration.NodeVersion.Current,
        Disclosure = disclosure,
    };
}
