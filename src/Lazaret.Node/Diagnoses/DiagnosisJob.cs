using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Node.Jobs;

namespace Lazaret.Node.Diagnoses;

/// <summary>A diagnosis job as its requester sees it.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Status">QUEUED, PROCESSING, COMPLETED or FAILED.</param>
/// <param name="Result">The model's answer, once it is completed.</param>
/// <param name="Error">Why there is none, once it has failed.</param>
/// <param name="EtaSeconds">A guess at the time to the result, when the job was just admitted.</param>
public sealed record DiagnosisJob(
    [property: JsonPropertyName("job_id")] Guid JobId,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("result")] JsonElement? Result,
    [property: JsonPropertyName("error"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("updated_at")] DateTimeOffset UpdatedAt,
    [property: JsonPropertyName("eta_seconds"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? EtaSeconds = null)
{
    public static DiagnosisJob Of(Job job, byte[]? result) => new(
        job.Id,
        job.State switch
        {
            JobState.Queued => "QUEUED",
            JobState.Running or JobState.Held => "PROCESSING",
            JobState.Done => "COMPLETED",
            _ => "FAILED",
        },
        result is null ? null : JsonDocument.Parse(result).RootElement,
        job.State == JobState.Cancelled ? "the job was cancelled" : job.Error,
        job.CreatedAt,
        job.UpdatedAt);
}
