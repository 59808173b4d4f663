using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Diagnoses.Answers;

// CDS Hooks 2.0, for the interface's description alone: Lazaret.Fhir.Answers reads and writes these bodies, member by member.

/// <summary>The models as services.</summary>
internal sealed record CdsServicesBody(
    [property: JsonPropertyName("services")] IReadOnlyList<CdsServiceBody> Services);

/// <summary>A model as a service.</summary>
internal sealed record CdsServiceBody(
    [property: JsonPropertyName("hook")] string Hook,
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("title")] string Title,
    [property: JsonPropertyName("description")] string Description,
    [property: JsonPropertyName("prefetch")] IReadOnlyDictionary<string, string> Prefetch);

/// <summary>A call of a service. It may have further members.</summary>
internal sealed record CdsCallBody(
    [property: JsonPropertyName("hook")] string Hook,
    [property: JsonPropertyName("hookInstance")] string HookInstance,
    [property: JsonPropertyName("context")] IReadOnlyDictionary<string, JsonElement> Context)
{
    /// <summary>What each of the service's prefetch templates found: a resource, or null.</summary>
    [JsonPropertyName("prefetch")]
    public IReadOnlyDictionary<string, JsonElement>? Prefetch { get; init; }

    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Members { get; init; }
}

/// <summary>The answer to a call.</summary>
internal sealed record CdsCardsBody(
    [property: JsonPropertyName("cards")] IReadOnlyList<CdsCardBody> Cards)
{
    [JsonPropertyName("extension"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, JsonElement>? Extension { get; init; }
}

/// <summary>A card.</summary>
internal sealed record CdsCardBody(
    [property: JsonPropertyName("uuid")] Guid Uuid,
    [property: JsonPropertyName("summary")] string Summary,
    [property: JsonPropertyName("indicator"), AllowedValues("info", "warning", "critical")] string Indicator,
    [property: JsonPropertyName("source")] CdsSourceBody Source)
{
    /// <summary>Markdown.</summary>
    [JsonPropertyName("detail"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    [JsonPropertyName("links"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CdsLinkBody>? Links { get; init; }

    /// <summary>What the card rests on, under <c>lazaret.basis</c>: the model, the data used and skipped.</summary>
    [JsonPropertyName("extension"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, JsonElement>? Extension { get; init; }
}

/// <summary>The model that a card comes from.</summary>
internal sealed record CdsSourceBody(
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("url")] string Url);

/// <summary>Where there is more.</summary>
internal sealed record CdsLinkBody(
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("type"), AllowedValues("absolute")] string Type);

/// <summary>What clinicians made of cards.</summary>
internal sealed record CdsFeedbackBody(
    [property: JsonPropertyName("feedback")] IReadOnlyList<CdsFeedbackItemBody> Feedback);

/// <summary>What a clinician made of a card. It may have further members.</summary>
internal sealed record CdsFeedbackItemBody(
    [property: JsonPropertyName("card")] Guid Card,
    [property: JsonPropertyName("outcome"), AllowedValues("accepted", "overridden")] string Outcome,
    [property: JsonPropertyName("outcomeTimestamp")] DateTimeOffset OutcomeTimestamp)
{
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Members { get; init; }
}
