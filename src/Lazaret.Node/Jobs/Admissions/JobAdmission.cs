using Lazaret.Node.Audit;
using Lazaret.Node.Storage;
using Lazaret.Node.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs.Admissions;

/// <summary>Turns a checked request into a job, once: a request repeated under its <c>Idempotency-Key</c> is answered with the same job.</summary>
public sealed class JobAdmission(IDbContextFactory<LazaretDb> databases, JobQueue queue, Backlog backlog, JobMetrics metrics, TimeProvider time)
{
    /// <param name="job">The job.</param>
    /// <param name="input">What its program reads.</param>
    /// <param name="detail">For the audit.</param>
    /// <param name="cancellationToken">Ends the looking, not the writing.</param>
    /// <param name="basis">What a diagnosis rests on.</param>
    /// <param name="questions">What a cohort job asks.</param>
    public async Task<Admission> AdmitAsync(Job job, byte[] input, AuditDetail detail, CancellationToken cancellationToken, byte[]? basis = null, Questions? questions = null)
    {
        if (await FindRepeatedAsync(job.Requester, job.IdempotencyKey, job.RequestDigest, cancellationToken) is { } repeated)
            return repeated;
        // The admission's transaction decides. A quota that is spent already takes no place in the queue.
        if (await FindSpentAsync(job, questions, cancellationToken) is { } spent)
            return await AnswerAsync(spent);
        if (!await backlog.TryPlaceAsync(job, cancellationToken))
            return new Admission.QueueFull();
        try
        {
            if (await queue.AdmitAsync(job, input, AuditEntry.Of(AuditAction.JobAdmitted, job.CreatedAt, job, detail), basis, questions) is { } justSpent)
                return await AnswerAsync(justSpent);
        }
        catch (DbUpdateException) when (job.IdempotencyKey is not null)
        {
            // The same key may have come in twice at once; only one of the two rows could be written.
            if (await FindRepeatedAsync(job.Requester, job.IdempotencyKey, job.RequestDigest, cancellationToken) is { } won)
                return won;
            throw;
        }

        metrics.Requested(job.Kind, "admitted");
        RequestLog.Names(job.Id);
        return new Admission.Accepted(job);

        // It may be this very request that took the last place, sent twice at once.
        async Task<Admission> AnswerAsync(Admission.QuotaSpent spent) => await FindRepeatedAsync(job.Requester, job.IdempotencyKey, job.RequestDigest, cancellationToken) ?? spent;
    }

    /// <summary>The quota for which the job would be refused now; null where it would not be, also for a request that is sent again.</summary>
    public async Task<Admission.QuotaSpent?> CheckAsync(Job job, Questions? questions, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var isRepeated = job.IdempotencyKey is { } key && await db.Jobs.AnyAsync(earlier => earlier.Requester == job.Requester && earlier.IdempotencyKey == key, cancellationToken);
        return isRepeated ? null : await FindSpentAsync(job, questions, cancellationToken);
    }

    private async Task<Admission.QuotaSpent?> FindSpentAsync(Job job, Questions? questions, CancellationToken cancellationToken)
    {
        if (job.Project is null && questions is not { PerWeek: > 0 })
            return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (questions is { PerWeek: > 0 } && (await RequesterQuotas.ReadAsync(db, [job.Requester], now, cancellationToken)).Take(job, questions) is { } spent)
            return spent;
        return job.Project is null ? null : (await ProjectQuotas.ReadAsync(db, [job.Project], now, isAdmitting: false, cancellationToken)).Take(job);
    }

    /// <summary>What a request under this key was answered before; null for a new one. Asked first, since data age and models go.</summary>
    public async Task<Admission?> FindRepeatedAsync(string requester, string? key, string digest, CancellationToken cancellationToken)
    {
        if (key is null)
            return null;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var earlier = await db.Jobs.AsNoTracking()
            .SingleOrDefaultAsync(job => job.Requester == requester && job.IdempotencyKey == key, cancellationToken);
        if (earlier is null)
            return null;
        metrics.Requested(earlier.Kind, "repeated");
        RequestLog.Names(earlier.Id);
        return earlier.RequestDigest == digest ? new Admission.Accepted(earlier) : new Admission.KeyReused();
    }
}
