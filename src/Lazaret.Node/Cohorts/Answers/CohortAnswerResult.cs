using System.ComponentModel;
using System.Text.Json.Serialization;
using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure;
using Lazaret.Node.Releases;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>What is released for one map: R, p and what they rest on, rounded as the site sets. For an R-map: its parcels.</summary>
internal sealed record CohortAnswerResult(
    [property: JsonPropertyName("n")] int N,
    [property: JsonPropertyName("R"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] decimal? R = null,
    [property: JsonPropertyName("p"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] decimal? P = null)
{
    [JsonPropertyName("p_below"), Description("where p is 0.000: what it is below"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? PBelow { get; init; }

    /// <summary>Over a batch: the share of false discoveries if all maps with this p or a smaller one are called discoveries (Benjamini and Hochberg).</summary>
    [JsonPropertyName("q"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Q { get; init; }

    [JsonPropertyName("q_below"), Description("where q is 0.000: what it is below"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? QBelow => BelowOf(Q);

    [JsonPropertyName("p_fwe"), Description("over a batch: p by the furthest R of all maps, from the same permutations"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? FamilyWiseP { get; init; }

    [JsonPropertyName("p_fwe_below"), Description("where p_fwe is 0.000: what it is below"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? FamilyWisePBelow => BelowOf(FamilyWiseP);

    [JsonPropertyName("R_degree"), Description("where the degree is the null: the partial correlation beside the score of the cohort's mean map"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? RBesideDegree { get; init; }

    [JsonPropertyName("p_degree"), Description("of R_degree"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? PBesideDegree { get; init; }

    [JsonPropertyName("p_degree_below"), Description("where p_degree is 0.000: what it is below"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? PBesideDegreeBelow => BelowOf(PBesideDegree);

    [JsonPropertyName("B"), Description("how many permutations or surrogates p rests on"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Permutations { get; init; }

    [JsonPropertyName("seed_sha256"), Description("of the node's seed of the permutations or surrogates, left out where they are all there are, or of the parts of a cross-validation"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SeedDigest { get; init; }

    /// <summary>The 95 % interval of R by Fisher's transformation, from the released R and n.</summary>
    [JsonPropertyName("ci95"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal[]? Interval { get; init; }

    [JsonPropertyName("alternative"), Description("which p it is; no part of the question, which is answered once whichever is asked for"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Alternative { get; init; }

    [JsonPropertyName("df"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? DegreesOfFreedom { get; init; }

    /// <summary>The area under the ROC curve, for <c>stat=spearman</c> and an outcome of two values: it follows from the released R and n₁ and n₀.</summary>
    [JsonPropertyName("auc"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Auc { get; init; }

    [JsonPropertyName("auc_p"), Description("Mann and Whitney's, from the area as it is shown"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? AucP { get; init; }

    [JsonPropertyName("auc_p_below"), Description("where auc_p is 0.000: what it is below"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? AucPBelow => BelowOf(AucP);

    [JsonPropertyName("auc_ci95"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal[]? AucInterval { get; init; }

    [JsonPropertyName("n1"), Description("beside an area: subjects with the larger value of the outcome"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Ones { get; init; }

    [JsonPropertyName("n0"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Zeros { get; init; }

    [JsonPropertyName("coverage"), Description("the share of the map's voxels that are not zero, which lie on the site's grid and inside the mask"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Coverage { get; init; }

    [JsonPropertyName("parcels"), Description("of an R-map; a parcel of too few voxels is not among them"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ParcelValue>? Parcels { get; init; }

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
    public CohortAnswerResult For(Cohort.Statistics.Alternative alternative)
    {
        if (R is not { } r || P is not { } twoSided)
            return this;
        // By permutation or surrogates p is that of the alternative already.
        if (Permutations is not null)
            return this with { PBelow = BelowOf(twoSided), Alternative = AlternativeNames.Of(alternative) };
        var p = PFor(alternative, r, twoSided);
        return this with
        {
            P = p,
            PBesideDegree = RBesideDegree is { } partial ? PFor(alternative, partial, PBesideDegree!.Value) : null,
            PBelow = BelowOf(p),
            Alternative = AlternativeNames.Of(alternative),
            AucP = AucP is { } areaP ? PFor(alternative, Auc!.Value - 0.5m, areaP) : null,
        };
    }

    private static decimal PFor(Cohort.Statistics.Alternative alternative, decimal r, decimal p) =>
        alternative == Cohort.Statistics.Alternative.TwoSided ? p : InDecimals((decimal)alternative.P((double)r, (double)p), DecimalsOf(p));

    /// <summary>Rounded, and with that many decimals also where the last are 0.</summary>
    internal static decimal InDecimals(decimal value, byte decimals) => Math.Round(value, decimals, MidpointRounding.ToEven) + new decimal(0, 0, 0, isNegative: false, decimals);

    /// <summary>Of a p that its decimals show as 0, what it is below: 1 in the last of them. Without one it is 0.001.</summary>
    internal static decimal? BelowOf(decimal? p) => p is 0 ? new decimal(1, 0, 0, isNegative: false, DecimalsOf(p.Value)) : null;

    /// <summary>How many decimals a number was released with: its text keeps them.</summary>
    private static byte DecimalsOf(decimal released) => released.Scale > 0 ? released.Scale : (byte)3;

    public static CohortAnswerResult Of(ReleasedResult result, CanonicalQuery query, string dataVersion, DisclosureNote disclosure) => new(result.N, result.R, result.P)
    {
        PBelow = BelowOf(result.P),
        Interval = result.Interval is var (low, high) ? [low, high] : null,
        DegreesOfFreedom = result.DegreesOfFreedom,
        RBesideDegree = result.BesideDegree?.R,
        PBesideDegree = result.BesideDegree?.P,
        FamilyWiseP = result.Permutation?.FamilyWise,
        Permutations = result.Permutation?.Orders,
        SeedDigest = result.Permutation?.SeedDigest,
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
