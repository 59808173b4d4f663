using System.Buffers;
using System.Text.Json;
using Lazaret.Node.Jobs;

namespace Lazaret.Node.Delivery;

/// <summary>What is delivered: that a job is over, and how. Thin, unless the site says that results go along.</summary>
internal static class WebhookMessage
{
    public static string TypeOf(JobState end) => end switch
    {
        JobState.Done => "job.completed",
        JobState.Blocked => "job.blocked",
        JobState.Failed => "job.failed",
        JobState.Cancelled => "job.cancelled",
        _ => throw new InvalidOperationException($"a job that is {end} is not over"),
    };

    /// <param name="delivery">What is delivered.</param>
    /// <param name="job">The job that it tells of.</param>
    /// <param name="includeResult">Whether the result goes along.</param>
    public static byte[] Write(WebhookDelivery delivery, JobWithResult job, bool includeResult)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("type", delivery.Type);
            writer.WriteString("timestamp", delivery.CreatedAt.UtcDateTime);
            writer.WriteStartObject("data");
            writer.WriteString("job_id", job.Job.Id);
            writer.WriteString("status", DiagnosisStatus.Of(job.Job.State));
            if (includeResult)
            {
                writer.WritePropertyName("result");
                writer.WriteRawValue(job.Result ?? "null"u8);
                WriteBasis(writer, job);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    // As GET /v1/jobs/{id} has it: the model, and the data that it was given or not. Whose data they are the receiver knows by the job.
    private static void WriteBasis(Utf8JsonWriter writer, JobWithResult job)
    {
        if (job.Basis is null)
            return;
        using var basis = JsonDocument.Parse(job.Basis);
        foreach (var member in basis.RootElement.EnumerateObject())
        {
            if (!member.NameEquals("patient"))
                member.WriteTo(writer);
        }
    }
}
