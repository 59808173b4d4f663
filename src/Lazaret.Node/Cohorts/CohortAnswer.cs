using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Disclosure;
using Lazaret.Node.Jobs;

namespace Lazaret.Node.Cohorts;

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

    /// <summary>Two-sided.</summary>
    [JsonPropertyName("p"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? P { get; init; }

    /// <summary>In place of n, R and p when the request held several maps, in their order.</summary>
    [JsonPropertyName("results"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CohortAnswerResult>? Results { get; init; }

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

    /// <param name="result">What was released, once the job is done.</param>
    public static CohortAnswer Of(Job job, byte[]? result, string site) => Stand(job, result, site) with { Project = job.Project };

    private static CohortAnswer Stand(Job job, byte[]? result, string site) => job.State switch
    {
        JobState.Done => Done(CohortRequest.Read(job.Request), JsonSerializer.Deserialize<CohortAnswerResult[]>(result)!, site),
        JobState.Blocked => new() { Status = StatusOf(job.State), Code = "DISCLOSURE_CONTROL", Ref = job.Id },
        JobState.Failed => new() { Status = StatusOf(job.State), Error = job.Error },
        _ => new() { Status = StatusOf(job.State) },
    };

    /// <summary>How a cohort job stands, in the words of <c>GET /jobs/{id}</c>.</summary>
    public static string StatusOf(JobState state) => state == JobState.Failed ? "error" : JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    private static CohortAnswer Done(CohortRequest request, CohortAnswerResult[] results, string site)
    {
        var done = new CohortAnswer { Status = StatusOf(JobState.Done), Site = site, Outcome = request.Outcome };
        return request.Maps > 1 ? done with { Results = results } : done with { N = results[0].N, R = results[0].R, P = results[0].P };
    }
}

/// <summary>What is released of one map: R and two-sided p with three decimals.</summary>
internal sealed record CohortAnswerResult(
    [property: JsonPropertyName("n")] int N,
    [property: JsonPropertyName("R")] decimal R,
    [property: JsonPropertyName("p")] decimal P)
{
    /// <summary>The results as a job keeps them.</summary>
    public static byte[] Write(IEnumerable<ReleasedResult> results) =>
        JsonSerializer.SerializeToUtf8Bytes(results.Select(result => new CohortAnswerResult(result.N, result.R, result.P)));
}
