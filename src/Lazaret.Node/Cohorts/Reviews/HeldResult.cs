using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Disclosure;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Releases.Reviews;

namespace Lazaret.Node.Cohorts.Reviews;

/// <summary>A held result in the list of those that wait.</summary>
internal record HeldResult
{
    [SetsRequiredMembers]
    internal HeldResult(ReviewCase found, string steward)
    {
        JobId = found.Job.Id;
        Status = CohortAnswer.StatusOf(found.Job.State);
        Requester = found.Job.Requester;
        Project = found.Job.Project;
        Since = found.Review.At;
        Reason = Name(found.Review.Reason);
        ReasonWords = WordsOf(found.Review.Reason);
        (Rule, RuleWords) = found.Review.Rule is { } rule ? (Name(rule), BlockRuleWords.Of(rule)) : (null, null);
        CanLeave = found.Review.Rule?.IsSpentLedger() != false;
        Words = QueryWords.Of(CohortRequest.Read(found.Job.Request));
        YourDecision = found.Votes.FirstOrDefault(vote => vote.Steward == steward) is { } own ? Name(own.Verdict) : null;
    }

    [JsonPropertyName("job_id")]
    public required Guid JobId { get; init; }

    [JsonPropertyName("status"), AllowedValues("held", "done", "blocked", "cancelled")]
    public required string Status { get; init; }

    [JsonPropertyName("requester")]
    public required string Requester { get; init; }

    [JsonPropertyName("project"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Project { get; init; }

    [JsonPropertyName("since")]
    public required DateTimeOffset Since { get; init; }

    /// <summary>Why it is held.</summary>
    [JsonPropertyName("reason")]
    public required string Reason { get; init; }

    /// <summary>The same in words.</summary>
    [JsonPropertyName("reason_words")]
    public required string ReasonWords { get; init; }

    /// <summary>The control that would withhold it. Stewards can overrule only a spent ledger.</summary>
    [JsonPropertyName("rule"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rule { get; init; }

    /// <summary>The same in words.</summary>
    [JsonPropertyName("rule_words"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RuleWords { get; init; }

    /// <summary>Whether approving it lets it out, if it goes together with what was answered meanwhile.</summary>
    [JsonPropertyName("can_leave")]
    public required bool CanLeave { get; init; }

    /// <summary>What is asked, as a sentence.</summary>
    [JsonPropertyName("words")]
    public required string Words { get; init; }

    /// <summary>What the steward has said of it; left out before.</summary>
    [JsonPropertyName("your_decision"), AllowedValues("approve", "reject", "ask"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? YourDecision { get; init; }

    internal static string Name(Enum value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string WordsOf(ReviewReason reason) => reason switch
    {
        ReviewReason.Project => "the site holds every answer of this project",
        ReviewReason.Task => "the site holds every answer of this analysis",
        ReviewReason.Requester => "the site holds every answer to this requester",
        ReviewReason.FirstUse => "it is its requester's first result",
        ReviewReason.BlocksInARow => "the requester's last results were all blocked",
        ReviewReason.VisitingAnalysis => "a program that the node did not write answered: no control bounds what it may have written into its numbers",
        ReviewReason.Uncounted => "what it tells lies in too many directions for a ledger to count: it shows how well the others' outcomes predict each one",
        ReviewReason.SameQueryHeld => "the same question waits already",
        ReviewReason.LedgerSpent => "together with earlier answers it would tell more than the limits allow",
        ReviewReason.Blocked => "a control keeps it that nobody overrules; it is held so that the requester cannot tell it from one that a steward may let out",
        ReviewReason.OutcomeMap => "it is the cohort's own R-map: as many equations in the outcomes as it has parcels, for whoever holds the scans",
        _ => throw new InvalidOperationException($"nothing says what {reason} means"),
    };
}
