using System.Buffers;
using System.Text.Json;
using Lazaret.Node.Diagnoses;
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
    /// <param name="job">The job as its requester sees it.</param>
    /// <param name="includeResult">Whether the result goes along.</param>
    public static byte[] Write(WebhookDelivery delivery, DiagnosisJob job, bool includeResult)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("type", delivery.Type);
            writer.WriteString("timestamp", delivery.CreatedAt.UtcDateTime);
            writer.WriteStartObject("data");
            writer.WriteString("job_id", job.JobId);
            writer.WriteString("status", job.Status);
            if (includeResult)
            {
                writer.WritePropertyName("result");
                JsonSerializer.Serialize(writer, job.Result);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }
}
