using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Receipts;

/// <summary>What a node vouches for: that this left it, as the answer to this question, under this policy. docs/receipts.md describes each member.</summary>
internal sealed record Receipt
{
    /// <summary>The form's version.</summary>
    [JsonPropertyName("lazaret_receipt")]
    public int Version { get; init; } = 1;

    [JsonPropertyName("kind"), AllowedValues("cohort", "diagnosis")]
    public required string Kind { get; init; }

    [JsonPropertyName("job_id")]
    public required Guid JobId { get; init; }

    [JsonPropertyName("site")]
    public string Site { get; init; } = "";

    [JsonPropertyName("node_version"), Description("the version of the node that signed")]
    public string NodeVersion { get; init; } = "";

    [JsonPropertyName("requester")]
    public required string Requester { get; init; }

    [JsonPropertyName("project"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Project { get; init; }

    [JsonPropertyName("admitted_at")]
    public required DateTimeOffset AdmittedAt { get; init; }

    /// <summary>When its requester could see it first.</summary>
    [JsonPropertyName("released_at")]
    public required DateTimeOffset ReleasedAt { get; init; }

    /// <summary>SHA-256 of the map's file as it was sent.</summary>
    [JsonPropertyName("map_sha256"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MapSha256 { get; init; }

    /// <summary>Which state of the data was asked.</summary>
    [JsonPropertyName("data_version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? DataVersion { get; init; }

    /// <summary>The disclosure policy under which it left.</summary>
    [JsonPropertyName("policy"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Policy { get; init; }

    /// <summary>What was answered, a map each, with the canonical query.</summary>
    [JsonPropertyName("results"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<JsonElement>? Results { get; init; }

    [JsonPropertyName("model"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReceiptModel? Model { get; init; }

    /// <summary>The codes of the data that the model was given.</summary>
    [JsonPropertyName("used"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Used { get; init; }

    /// <summary>SHA-256 of a diagnosis' result as the node stores it: compact JSON, members in the order of the answer.</summary>
    [JsonPropertyName("result_sha256"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ResultSha256 { get; init; }

    /// <summary>The audit's entry about the release.</summary>
    [JsonPropertyName("audit")]
    public ReceiptEntry Audit { get; init; } = new(0, 0, "");
}

/// <summary>The program that answered.</summary>
/// <param name="Key">The model.</param>
/// <param name="Version">Its version.</param>
internal sealed record ReceiptModel(
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("version")] string Version)
{
    /// <summary>Of its image.</summary>
    [JsonPropertyName("digest"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Digest { get; init; }
}

/// <summary>An entry of the audit, and its place in the chain.</summary>
/// <param name="Sequence">The entry.</param>
/// <param name="Link">Its link.</param>
/// <param name="Hash">That link's hash, in hexadecimal digits: it fixes the entry and all before it.</param>
internal sealed record ReceiptEntry(
    [property: JsonPropertyName("sequence")] long Sequence,
    [property: JsonPropertyName("link")] long Link,
    [property: JsonPropertyName("hash")] string Hash);
