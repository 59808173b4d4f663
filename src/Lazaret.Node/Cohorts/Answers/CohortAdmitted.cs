using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>The answer to an admission.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Status">How it stands; a request that is repeated under its key may find it further than queued.</param>
internal sealed record CohortAdmitted(
    [property: JsonPropertyName("job_id")] Guid JobId,
    [property: JsonPropertyName("status"), AllowedValues("queued", "running", "held", "done", "blocked", "error", "cancelled")] string Status);
