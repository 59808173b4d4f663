using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Cohort.Statistics;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;
using Lazaret.Node.Releases.Reviews;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>A cohort job as its requester sees it; members that its status has no use for are left out.</summary>
internal sealed record CohortAnswer
{
    [JsonPropertyName("status"), AllowedValues("queued", "running", "held", "done", "blocked", "error", "cancelled")]
    public required string Status { get; init; }

    [JsonPropertyName("site"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Site { get; init; }

    [JsonPropertyName("outcome"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Outcome { get; init; }

    /// <summary>The subjects behind the correlation of one map.</summary>
    [JsonPropertyName("n"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? N { get; init; }

    [JsonPropertyName("R"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? R { get; init; }

    /// <summary>Two-sided, unless another alternative was asked for.</summary>
    [JsonPropertyName("p"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? P { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.PBelow"/>
    [JsonPropertyName("p_below"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? PBelow { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.Alternative"/>
    [JsonPropertyName("alternative"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Alternative { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.RBesideDegree"/>
    [JsonPropertyName("R_degree"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? RBesideDegree { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.PBesideDegree"/>
    [JsonPropertyName("p_degree"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? PBesideDegree { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.PBesideDegreeBelow"/>
    [JsonPropertyName("p_degree_below"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? PBesideDegreeBelow => CohortAnswerResult.BelowOf(PBesideDegree);

    /// <inheritdoc cref="CohortAnswerResult.Permutations"/>
    [JsonPropertyName("B"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Permutations { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.SeedDigest"/>
    [JsonPropertyName("seed_sha256"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SeedDigest { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.Interval"/>
    [JsonPropertyName("ci95"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal[]? Interval { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.DegreesOfFreedom"/>
    [JsonPropertyName("df"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? DegreesOfFreedom { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.Auc"/>
    [JsonPropertyName("auc"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Auc { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.AucP"/>
    [JsonPropertyName("auc_p"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? AucP { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.AucPBelow"/>
    [JsonPropertyName("auc_p_below"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? AucPBelow => CohortAnswerResult.BelowOf(AucP);

    /// <inheritdoc cref="CohortAnswerResult.AucInterval"/>
    [JsonPropertyName("auc_ci95"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal[]? AucInterval { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.Ones"/>
    [JsonPropertyName("n1"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Ones { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.Zeros"/>
    [JsonPropertyName("n0"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Zeros { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.Coverage"/>
    [JsonPropertyName("coverage"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Coverage { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.Parcels"/>
    [JsonPropertyName("parcels"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ParcelValue>? Parcels { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.Query"/>
    [JsonPropertyName("query"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CanonicalQuery? Query { get; init; }

    /// <summary>SHA-256 of the map's file as it was sent.</summary>
    [JsonPropertyName("map_sha256"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MapSha256 { get; init; }

    /// <summary>How the map came onto the site's grid: it lay there, voxels were copied, or they were interpolated.</summary>
    [JsonPropertyName("interpolation"), AllowedValues("none", "exact", "trilinear"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Interpolation { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.NodeVersion"/>
    [JsonPropertyName("node_version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NodeVersion { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.DataVersion"/>
    [JsonPropertyName("data_version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DataVersion { get; init; }

    /// <inheritdoc cref="CohortAnswerResult.Disclosure"/>
    [JsonPropertyName("disclosure"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DisclosureNote? Disclosure { get; init; }

    /// <summary>In place of n, R and p when the request held several maps, in their order.</summary>
    [JsonPropertyName("results"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CohortAnswerResult>? Results { get; init; }

    /// <summary>What was released, one a map; nothing of another state.</summary>
    [JsonIgnore]
    public IReadOnlyList<CohortAnswerResult> Rows { get; init; } = [];

    /// <summary>Why a job is blocked: one code for every cause, for which rule it was would say something about the cohort.</summary>
    [JsonPropertyName("code"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    /// <summary>Under this reference the steward finds the cause.</summary>
    [JsonPropertyName("ref"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? Ref { get; init; }

    [JsonPropertyName("error"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>The project that it belongs to.</summary>
    [JsonPropertyName("project"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Project { get; init; }

    /// <summary>While it is held: what a steward asks back.</summary>
    [JsonPropertyName("review"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AskedBack? Review { get; init; }

    /// <summary>A text to cite it by.</summary>
    [JsonPropertyName("citation"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Citation { get; init; }

    /// <summary>Where its signed receipt is.</summary>
    [JsonPropertyName("receipt"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Receipt { get; init; }

    /// <param name="found">The job.</param>
    /// <param name="site">The site's name.</param>
    /// <param name="note">What its requester may know of its review; null where there is none.</param>
    public static CohortAnswer Of(JobWithResult found, string site, ReviewNote? note) =>
        (found.IsPublished ? Stand(found, site) : new() { Status = StatusOf(found, note) }) with
        {
            Project = found.Job.Project,
            Review = found is { IsPublished: true, Job.State: JobState.Held } && note?.Asked is { } asked ? new AskedBack(asked) : null,
        };

    private static CohortAnswer Stand(JobWithResult found, string site) => found.Job.State switch
    {
        JobState.Done => Done(CohortRequest.Read(found.Job.Request), JsonSerializer.Deserialize<CohortAnswerResult[]>(found.Result)!, site, $"/jobs/{found.Job.Id}/receipt"),
        JobState.Blocked => new() { Status = StatusOf(found.Job.State), Code = "DISCLOSURE_CONTROL", Ref = found.Job.Id },
        JobState.Failed => new() { Status = StatusOf(found.Job.State), Error = found.Job.Error },
        _ => new() { Status = StatusOf(found.Job.State) },
    };

    /// <summary>How a job stands for its requester: what is not published yet still runs, or is held.</summary>
    public static string StatusOf(JobWithResult found, ReviewNote? note) =>
        StatusOf(found.IsPublished ? found.Job.State : note is { IsDecided: true } ? JobState.Held : JobState.Running);

    /// <summary>How a cohort job stands, in the words of <c>GET /jobs/{id}</c>.</summary>
    public static string StatusOf(JobState state) => state == JobState.Failed ? "error" : JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    private static CohortAnswer Done(CohortRequest request, CohortAnswerResult[] stored, string site, string receipt)
    {
        CohortAnswerResult[] results =
        [
            .. stored.Select((result, map) => result.For(AlternativeNames.Read(request.Alternative)) with { Coverage = map < request.Coverage.Count ? request.Coverage[map] : null }),
        ];
        if (request.Maps > 1)
            results = [.. BatchAnswer.WithQ(results)];
        var done = new CohortAnswer
        {
            Rows = results,
            Status = StatusOf(JobState.Done),
            Site = site,
            Outcome = request.Outcome,
            MapSha256 = request.MapSha256.Length > 0 ? request.MapSha256 : null,
            Interpolation = request.Interpolation,
            DataVersion = results[0].DataVersion,
            NodeVersion = results[0].NodeVersion,
            Disclosure = results[0].Disclosure,
            Receipt = receipt,
        };
        if (request.Maps > 1)
            return Cited(done with { Results = [.. results.Select(result => result with { DataVersion = null, NodeVersion = null, Disclosure = null })] });
        var only = results[0];
        return Cited(done with
        {
            N = only.N,
            R = only.R,
            P = only.P,
            PBelow = only.PBelow,
            Alternative = only.Alternative,
            Auc = only.Auc,
            AucP = only.AucP,
            AucInterval = only.AucInterval,
            Ones = only.Ones,
            Zeros = only.Zeros,
            RBesideDegree = only.RBesideDegree,
            PBesideDegree = only.PBesideDegree,
            Permutations = only.Permutations,
            SeedDigest = only.SeedDigest,
            Interval = only.Interval,
            DegreesOfFreedom = only.DegreesOfFreedom,
            Coverage = only.Coverage,
            Parcels = only.Parcels,
            Query = only.Query,
        });

        CohortAnswer Cited(CohortAnswer answer) => answer with { Citation = CohortCitation.Of(answer) };
    }
}

/// <summary>What stewards want to know before they decide.</summary>
internal sealed record AskedBack([property: JsonPropertyName("asked")] string Asked);
