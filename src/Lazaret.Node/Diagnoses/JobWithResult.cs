using System.Text.Json;
using Lazaret.Node.Jobs;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Diagnoses;

/// <summary>A job with what was released, if it is over and anything was.</summary>
internal sealed record JobWithResult(Job Job, byte[]? Result)
{
    /// <summary>The model's declared members; null while there is no result.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Output => Result is null
        ? null
        : JsonDocument.Parse(Result).RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);

    public string Why => Job.State == JobState.Cancelled ? "the job was cancelled" : Job.Error ?? "the job has no result";

    /// <summary>A job of this requester's with its result; null when there is none.</summary>
    public static async Task<JobWithResult?> FindAsync(IDbContextFactory<LazaretDb> databases, Guid id, string requester, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var job = await db.Jobs.AsNoTracking()
            .SingleOrDefaultAsync(j => j.Id == id && j.Kind == JobKind.Diagnosis && j.Requester == requester, cancellationToken);
        if (job is null)
            return null;
        var result = await db.Payloads
            .Where(payload => payload.JobId == id && payload.Name == PayloadName.Result)
            .Select(payload => payload.Content)
            .SingleOrDefaultAsync(cancellationToken);
        return new JobWithResult(job, result);
    }

    /// <summary>Waits for the job to be over, or until the time has passed.</summary>
    public static async Task<JobWithResult> WaitAsync(
        IDbContextFactory<LazaretDb> databases, Job job, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var now = (await FindAsync(databases, job.Id, job.Requester, cancellationToken))!;
            if (now.Job.IsOver || time.GetElapsedTime(began) > atMost)
                return now;
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }
}
