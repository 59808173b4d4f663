using Lazaret.Node.Audit;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs.Logs;

/// <summary>What programs printed, for operators. It may hold patients' data, so that the audit says who read it before they see it.</summary>
internal sealed class JobLogs(IDbContextFactory<LazaretDb> databases, RecordSeal seal, AuditLog audit)
{
    /// <summary>A job's attempts, the first one first; null when there is no such job.</summary>
    /// <param name="id">The job's.</param>
    /// <param name="reader">Who reads.</param>
    public async Task<IReadOnlyList<JobLog>?> ReadAsync(Guid id, string reader, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Jobs.AsNoTracking().SingleOrDefaultAsync(job => job.Id == id, cancellationToken) is not { } found)
            return null;
        await audit.WriteAsync(
            AuditAction.JobRead, reader, new() { ["kind"] = found.Kind, ["requester"] = found.Requester, ["state"] = found.State, ["what"] = "log" }, cancellationToken, id);
        var runs = await db.Runs.AsNoTracking().Where(run => run.JobId == id).OrderBy(run => run.Attempt).ToListAsync(cancellationToken);
        var kept = await db.Payloads.AsNoTracking().Where(payload => payload.JobId == id && payload.Name == PayloadName.Log).ToDictionaryAsync(payload => payload.Attempt, cancellationToken);
        return [.. runs.Select(run => new JobLog(run, kept.TryGetValue(run.Attempt, out var log) ? System.Text.Encoding.UTF8.GetString(log.Open(seal)) : null))];
    }
}

/// <summary>One attempt.</summary>
/// <param name="Text">What its program printed, as it did: a terminal must not be shown it as it is. Null when it printed nothing, or that has expired.</param>
internal sealed record JobLog(Run Run, string? Text);
