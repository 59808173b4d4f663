namespace Lazaret.Node.Jobs;

/// <summary>How a diagnosis job stands, in the words of <c>GET /v1/jobs/{id}</c> and of webhooks.</summary>
internal static class DiagnosisStatus
{
    public static string Of(JobState state) => state switch
    {
        JobState.Queued => "QUEUED",
        JobState.Running or JobState.Held => "PROCESSING",
        JobState.Done => "COMPLETED",
        _ => "FAILED",
    };
}
