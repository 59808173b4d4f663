using System.Globalization;
using System.Text.Json;
using Lazaret.Cohort.Faults;
using Lazaret.Fhir;

namespace Lazaret.Node.Diagnoses.CdsHooks;

/// <summary>What clinicians made of cards (https://cds-hooks.hl7.org/2.0/#feedback).</summary>
/// <param name="Card">The card's uuid.</param>
/// <param name="Outcome"><c>accepted</c> or <c>overridden</c>.</param>
/// <param name="Reason">The coded reason of an override, as <c>system|code</c>.</param>
/// <param name="HasComment">Whether there was a comment: it may name the patient, and is not kept.</param>
public sealed record CdsFeedback(Guid Card, string Outcome, DateTimeOffset At, string? Reason, bool HasComment)
{
    public const int MaxItems = 50;

    private const int LongestReason = 100;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    /// <summary>Everything in the body; null, and all that is wrong with it, when something is.</summary>
    public static IReadOnlyList<CdsFeedback>? Read(ReadOnlyMemory<byte> body, FaultList<FhirIssue> faults)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("feedback", out var list)
                || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MaxItems)
            {
                faults.Add(Fault("structure", "feedback", $"must be a list of 1 to {MaxItems} objects"));
                return null;
            }

            var read = list.EnumerateArray().Index().Select(item => Read(item.Item, $"feedback[{item.Index}]", faults)).OfType<CdsFeedback>().ToList();
            return faults.Count == 0 ? read : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half of a surrogate pair.
            faults.Add(Fault("structure", "", "the body is not valid JSON"));
            return null;
        }
    }

    private static CdsFeedback? Read(JsonElement item, string place, FaultList<FhirIssue> faults)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            faults.Add(Fault("structure", place, "must be an object"));
            return null;
        }

        var before = faults.Total;
        if (!Guid.TryParse(Text(item, "card"), out var card))
            faults.Add(Fault("value", $"{place}.card", "must be the uuid of a card"));
        var outcome = Text(item, "outcome");
        if (outcome is not ("accepted" or "overridden"))
            faults.Add(Fault("value", $"{place}.outcome", "must be accepted or overridden"));
        if (Text(item, "outcomeTimestamp") is not { Length: >= 20 } time || !DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out var at))
        {
            at = default;
            faults.Add(Fault("value", $"{place}.outcomeTimestamp", "must be an instant, like 2026-02-02T02:40:00Z"));
        }

        if (item.TryGetProperty("acceptedSuggestions", out var suggestions) && (suggestions.ValueKind != JsonValueKind.Array || suggestions.EnumerateArray().Any(one => Text(one, "id") is null)))
            faults.Add(Fault("structure", $"{place}.acceptedSuggestions", "must be a list of objects with an id"));
        string? reason = null;
        var comment = false;
        if (item.TryGetProperty("overrideReason", out var why) && why.ValueKind != JsonValueKind.Null)
        {
            if (why.ValueKind != JsonValueKind.Object)
                faults.Add(Fault("structure", $"{place}.overrideReason", "must be an object"));
            else
                (reason, comment) = (ReasonOf(why, place, faults), Text(why, "userComment") is { Length: > 0 });
        }

        return faults.Total == before ? new CdsFeedback(card, outcome!, at, reason, comment) : null;
    }

    private static string? ReasonOf(JsonElement why, string place, FaultList<FhirIssue> faults)
    {
        if (!why.TryGetProperty("reason", out var coding) || coding.ValueKind == JsonValueKind.Null)
            return null;
        if (Text(coding, "code") is { Length: > 0 } code)
            return Quoted.Bare($"{Text(coding, "system")}|{code}", LongestReason);
        faults.Add(Fault("structure", $"{place}.overrideReason.reason", "must be a Coding with a code"));
        return null;
    }

    private static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static FhirIssue Fault(string code, string place, string words) => new(IssueSeverity.Error, code, place, place.Length == 0 ? words : $"{place} {words}");
}
