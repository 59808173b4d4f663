using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lazaret.Node.Jobs;

namespace Lazaret.Node.Diagnoses;

/// <summary>A diagnosis job as its requester sees it.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Result">The model's answer, once it is completed.</param>
/// <param name="CreatedAt">When it was admitted.</param>
/// <param name="UpdatedAt">When its status changed last.</param>
public sealed record DiagnosisAnswer(
    [property: JsonPropertyName("job_id")] Guid JobId,
    [property: JsonPropertyName("status"), AllowedValues("QUEUED", "PROCESSING", "COMPLETED", "FAILED")] string Status,
    [property: JsonPropertyName("result")] JsonObject? Result,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("updated_at")] DateTimeOffset UpdatedAt)
{
    /// <summary>Why there is no result, once it has failed.</summary>
    [JsonPropertyName("error"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>A guess at the time to the result, when the job was just admitted.</summary>
    [JsonPropertyName("eta_seconds"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? EtaSeconds { get; init; }

    /// <summary>What is wrong with the bundle and did not matter, when the job was just admitted.</summary>
    [JsonPropertyName("warnings"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BundleWarning>? Warnings { get; init; }

    public static DiagnosisAnswer Of(Job job, byte[]? result) => new(
        job.Id,
        DiagnosisStatus.Of(job.State),
        result is null ? null : JsonNode.Parse(result)!.AsObject(),
        job.CreatedAt,
        job.UpdatedAt)
    {
        Error = job.State == JobState.Cancelled ? "the job was cancelled" : job.Error,
    };
}
