using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Lazaret.Fhir.Bundles;
using Lazaret.Fhir.Negotiations;
using Lazaret.Node.Jobs;

namespace Lazaret.Node.Diagnoses.Answers;

/// <summary>A diagnosis job as its requester sees it.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Result">The model's answer, once it is completed.</param>
/// <param name="CreatedAt">When it was admitted.</param>
/// <param name="UpdatedAt">When its status changed last.</param>
internal sealed record DiagnosisAnswer(
    [property: JsonPropertyName("job_id")] Guid JobId,
    [property: JsonPropertyName("status"), AllowedValues("QUEUED", "PROCESSING", "COMPLETED", "FAILED")] string Status,
    [property: JsonPropertyName("result")] IReadOnlyDictionary<string, JsonElement>? Result,
    [property: JsonPropertyName("created_at")] DateTimeOffset CreatedAt,
    [property: JsonPropertyName("updated_at")] DateTimeOffset UpdatedAt)
{
    /// <summary>Why there is no result, once it has failed.</summary>
    [JsonPropertyName("error"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>A guess at the time to the result, when the job was just admitted.</summary>
    [JsonPropertyName("eta_seconds"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? EtaSeconds { get; init; }

    /// <summary>The project that it belongs to.</summary>
    [JsonPropertyName("project"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Project { get; init; }

    /// <summary>The model that was chosen.</summary>
    [JsonPropertyName("model"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NegotiatedModel? Model { get; init; }

    /// <summary>Each datum that the model was given.</summary>
    [JsonPropertyName("used"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<UsedDatum>? Used { get; init; }

    /// <summary>Each datum of a kind that the model asks for which was not used, and why not.</summary>
    [JsonPropertyName("skipped"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SkippedDatum>? Skipped { get; init; }

    /// <summary>Parts of the bundle that were not read, and why.</summary>
    [JsonPropertyName("unread"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<UnreadPart>? Unread { get; init; }

    /// <summary>More accurate versions of the model that were not used, and what each lacked.</summary>
    [JsonPropertyName("passed_over"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PassedVersion>? PassedOver { get; init; }

    /// <summary>What is wrong with the bundle and did not matter.</summary>
    [JsonPropertyName("warnings"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<BundleWarning>? Warnings { get; init; }

    /// <summary>Where its signed receipt is.</summary>
    [JsonPropertyName("receipt"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Receipt { get; init; }

    public static DiagnosisAnswer Of(JobWithResult job) => Of(job.Job, job.Result, job.Basis is { } basis ? NegotiationBasis.Read(basis) : null);

    public static DiagnosisAnswer Of(Job job, byte[]? result, NegotiationBasis? basis) => new(
        job.Id,
        DiagnosisStatus.Of(job.State),
        result is null ? null : JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(result),
        job.CreatedAt,
        job.UpdatedAt)
    {
        Project = job.Project,
        Receipt = result is null ? null : $"/v1/jobs/{job.Id}/receipt",
        Model = basis?.Model,
        Used = basis?.Used,
        Skipped = basis?.Skipped,
        Unread = basis?.Unread,
        PassedOver = basis?.PassedOver,
        Warnings = basis?.Warnings,
        Error = job.State == JobState.Cancelled ? "the job was cancelled" : job.Error,
    };
}
