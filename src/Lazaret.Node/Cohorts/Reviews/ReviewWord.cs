using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Cohort.Faults;
using Lazaret.Node.Http;
using Lazaret.Node.Releases.Reviews;

namespace Lazaret.Node.Cohorts.Reviews;

/// <summary>What a steward says of a held result: the body of <c>POST /v1/reviews/{job}</c>.</summary>
internal sealed record ReviewWord
{
    private static readonly string[] Decisions = [.. Enum.GetNames<ReviewVerdict>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];
    private static readonly string[] Members = ["decision", "why", "assessed_at"];

    [JsonPropertyName("decision"), AllowedValues("approve", "reject", "ask")]
    public required string Decision { get; init; }

    [JsonPropertyName("why"), StringLength(ReviewRuling.LongestWhy), Description("needed to reject and to ask; what is asked is shown to the requester")]
    public string? Why { get; init; }

    [JsonPropertyName("assessed_at"), Description("of the review that was looked at: an approval by other numbers than those that the review has now is refused")]
    public DateTimeOffset? AssessedAt { get; init; }

    /// <summary>The word, or null and what is wrong with it.</summary>
    public static (ReviewVerdict Verdict, string Why, DateTimeOffset? Seen)? Read(ReadOnlyMemory<byte> body, FaultList<RequestFault> faults)
    {
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            root = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            faults.Add(new RequestFault("body", "is no JSON with each member once"));
            return null;
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            faults.Add(new RequestFault("body", "must be a JSON object", Members));
            return null;
        }

        foreach (var member in root.EnumerateObject().Where(member => !Members.Contains(member.Name)))
            faults.Add(RequestFault.NoSuch(member.Name, "member", Members));
        if (!TryText(root, "decision", faults, out var decision) | !TryText(root, "why", faults, out var why) | !TryTime(root, "assessed_at", faults, out var seen))
            return null;
        if (decision is null || Array.IndexOf(Decisions, decision) is var verdict && verdict < 0)
        {
            faults.Add(new RequestFault("decision", decision is null ? "is missing" : "is no decision", Decisions));
            return null;
        }

        if (FindFault((ReviewVerdict)verdict, why) is { } fault)
            faults.Add(new RequestFault("why", fault));
        return faults.Count > 0 ? null : ((ReviewVerdict)verdict, why ?? "", seen);
    }

    /// <summary>What is wrong with the reason of a decision; null for nothing.</summary>
    public static string? FindFault(ReviewVerdict verdict, string? why) => why switch
    {
        null or "" => verdict == ReviewVerdict.Approve ? null : "is missing",
        { Length: > ReviewRuling.LongestWhy } => $"is longer than {ReviewRuling.LongestWhy} characters",
        _ when why.Any(letter => char.IsControl(letter) && letter != '\n') => "contains control characters",
        _ when string.IsNullOrWhiteSpace(why) => "says nothing",
        _ => null,
    };

    private static bool TryTime(JsonElement root, string name, FaultList<RequestFault> faults, out DateTimeOffset? time)
    {
        time = null;
        if (!root.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            return true;
        if (member.ValueKind == JsonValueKind.String && member.TryGetDateTimeOffset(out var read))
        {
            time = read;
            return true;
        }

        faults.Add(new RequestFault(name, "must be a time as the review says it"));
        return false;
    }

    private static bool TryText(JsonElement root, string name, FaultList<RequestFault> faults, out string? text)
    {
        text = null;
        if (!root.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null)
            return true;
        if (member.ValueKind == JsonValueKind.String)
        {
            try
            {
                text = member.GetString();
                return true;
            }
            catch (InvalidOperationException)
            {
                // Half of a surrogate pair is no text.
            }
        }

        faults.Add(new RequestFault(name, "must be a text"));
        return false;
    }
}
