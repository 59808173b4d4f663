using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Node.Audit;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Jobs;
using Lazaret.Node.Releases;
using Lazaret.Node.Releases.Reviews;

namespace Lazaret.Node.Cohorts.Reviews;

/// <summary>A held result as a steward sees it: what was asked and what it would cost, never R, p, or anything of one subject.</summary>
internal sealed record ReviewAnswer : HeldResult
{
    [SetsRequiredMembers]
    internal ReviewAnswer(ReviewCase found, string steward)
        : base(found, steward)
    {
        var request = CohortRequest.Read(found.Job.Request);
        var detail = found.Review.ReadDetail();
        Purpose = found.Project is { } project ? $"{project.Title}{(project.Purpose.Length > 0 ? $": {project.Purpose}" : "")}" : null;
        Queries = [.. Enumerable.Range(0, request.Maps).Select(request.Canonical)];
        MapSha256 = request.MapSha256;
        N = Find(detail, "n");
        DataVersion = Find(detail, "data_version");
        Family = Find(detail, "family");
        CovariateFamilies = Find(detail, "covariate_families");
        Leverage = Find(detail, "leverage") is { } leverage ? new(NumberOf(detail, "leverage_before") ?? 0, leverage.GetDouble()) { Limit = NumberOf(detail, "leverage_limit") } : null;
        Bits = NumberOf(detail, "bits_after") is { } bits ? new(Math.Round(bits - (NumberOf(detail, "bits") ?? 0), 2), bits) { Limit = NumberOf(detail, "bits_limit") } : null;
        Ledgers = [.. found.Review.ReadLedgers().Where(ledger => ledger.Outcomes.Count > 0 || ledger.Rule is not null).Select(ReviewLedger.Of)];
        AssessedAt = found.Review.NumbersAt;
        Overlap = Find(detail, "overlap");
        History = new(found.History.GetValueOrDefault(JobState.Done), found.History.GetValueOrDefault(JobState.Blocked), found.History.GetValueOrDefault(JobState.Held));
        SameQuestion = found.SameQuestion;
        Votes = [.. found.Votes.Select(vote => new ReviewVoice(vote.Steward, Name(vote.Verdict), vote.Why, vote.At) { Asked = vote.Verdict == ReviewVerdict.Ask ? null : vote.Asked })];
    }

    /// <summary>What the study is for; left out outside any.</summary>
    [JsonPropertyName("purpose"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Purpose { get; init; }

    /// <summary>A canonical query a map.</summary>
    [JsonPropertyName("queries")]
    public IReadOnlyList<CanonicalQuery> Queries { get; init; }

    /// <summary>SHA-256 of the map's file as it was sent.</summary>
    [JsonPropertyName("map_sha256")]
    public string MapSha256 { get; init; }

    /// <summary>The subjects behind each answer.</summary>
    [JsonPropertyName("n"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? N { get; init; }

    [JsonPropertyName("data_version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? DataVersion { get; init; }

    /// <summary>The outcomes that share a ledger with this one.</summary>
    [JsonPropertyName("family"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Family { get; init; }

    /// <summary>The outcomes that share a ledger with a covariate, where that is another one; the answer is charged there, too.</summary>
    [JsonPropertyName("covariate_families"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? CovariateFamilies { get; init; }

    /// <summary>The largest leverage of any subject, before this answer and with it, in the ledger that refuses it or else in the outcome's; with Ledger=project, the project's.</summary>
    [JsonPropertyName("leverage"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReviewCost? Leverage { get; init; }

    /// <summary>Bits about the outcomes that all answers hold, before this one and with it.</summary>
    [JsonPropertyName("bits"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReviewCost? Bits { get; init; }

    /// <summary>The same for each ledger in which it counts; that of who is in which cohort, which has no outcomes, only where it refuses. Empty where none was tried.</summary>
    [JsonPropertyName("ledgers")]
    public IReadOnlyList<ReviewLedger> Ledgers { get; init; }

    /// <summary>Of when these numbers are. An approval that finds them worse by now is refused, and they are worked out anew.</summary>
    [JsonPropertyName("assessed_at")]
    public DateTimeOffset AssessedAt { get; init; }

    /// <summary>The largest correlation of these scores with those of an earlier answer, over the subjects of both.</summary>
    [JsonPropertyName("overlap"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Overlap { get; init; }

    /// <summary>What became of the requester's jobs.</summary>
    [JsonPropertyName("history")]
    public RequesterHistory History { get; init; }

    /// <summary>Other jobs that wait for one of the same answers.</summary>
    [JsonPropertyName("same_question")]
    public IReadOnlyList<Guid> SameQuestion { get; init; }

    /// <summary>What stewards have said. Who has not said anything yet sees none of it.</summary>
    [JsonPropertyName("votes")]
    public IReadOnlyList<ReviewVoice> Votes { get; init; }

    private static JsonElement? Find(AuditDetail detail, string name) => detail.TryGetValue(name, out var value) ? (JsonElement?)value : null;

    private static double? NumberOf(AuditDetail detail, string name) => Find(detail, name)?.GetDouble();
}

/// <summary>What all answers tell.</summary>
internal sealed record ReviewCost(
    [property: JsonPropertyName("before")] double Before,
    [property: JsonPropertyName("after")] double After)
{
    [JsonPropertyName("limit"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Limit { get; init; }
}

/// <summary>What a held result would do to one ledger; without outcomes to that of who is in which cohort.</summary>
internal sealed record ReviewLedger(
    [property: JsonPropertyName("outcomes")] IReadOnlyList<string> Outcomes,
    [property: JsonPropertyName("counts"), AllowedValues("site", "project")] string Counts,
    [property: JsonPropertyName("leverage")] ReviewCost Leverage,
    [property: JsonPropertyName("bits")] ReviewCost Bits)
{
    /// <summary>The limit that it would break.</summary>
    [JsonPropertyName("rule"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rule { get; init; }

    /// <summary>What it is called on pages and at the terminal.</summary>
    [JsonIgnore]
    public string Name => $"{(Outcomes.Count == 0 ? "who is in which cohort" : string.Join(", ", Outcomes))}, {(Counts == "site" ? "all projects" : "this project")}";

    public static ReviewLedger Of(TriedLedger tried) => new(
        tried.Outcomes,
        tried.IsOfSite ? "site" : "project",
        new(Math.Round(tried.LeverageBefore, 3), Math.Round(tried.Leverage, 3)) { Limit = tried.FiniteLeverageLimit },
        new(Math.Round(tried.BitsBefore, 2), Math.Round(tried.Bits, 2)) { Limit = tried.FiniteBitsLimit })
    {
        Rule = tried.Rule is { } rule ? HeldResult.Name(rule) : null,
    };
}

/// <summary>A requester's cohort jobs by what became of them.</summary>
internal sealed record RequesterHistory(
    [property: JsonPropertyName("released")] int Released,
    [property: JsonPropertyName("blocked")] int Blocked,
    [property: JsonPropertyName("held")] int Held);

/// <summary>What one steward said.</summary>
internal sealed record ReviewVoice(
    [property: JsonPropertyName("steward")] string Steward,
    [property: JsonPropertyName("decision")] string Decision,
    [property: JsonPropertyName("why")] string Why,
    [property: JsonPropertyName("at")] DateTimeOffset At)
{
    /// <summary>What the steward had asked back before; left out where they asked nothing, or said nothing since.</summary>
    [JsonPropertyName("asked"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Asked { get; init; }
}
