using System.Collections.Concurrent;
using Lazaret.Node.Audit;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs.Admissions;

/// <summary>
/// Group commit of admissions: while one commit waits for the disk, the next requests gather, and are then written in one transaction.
/// A request that comes alone is written at once. If the database refuses a batch, each request in it is written by itself.
/// </summary>
public sealed class AdmissionBatch(IDbContextFactory<LazaretDb> databases, TimeProvider time) : IDisposable
{
    private const int Largest = 64;

    // Two at once: the one is prepared while the other waits for the disk, or for its links in the audit's chain.
    private readonly SemaphoreSlim _writing = new(2);
    private readonly ConcurrentQueue<Pending> _waiting = new();

    // Takes no cancellation token: a batch holds many requests, and it does no harm to admit one whose client has gone.
    /// <returns>Null, or that a quota is spent; then nothing was written.</returns>
    public async Task<Admission.QuotaSpent?> WriteAsync(Job job, IReadOnlyList<Payload> payloads, AuditEntry entry, Questions? questions)
    {
        var mine = new Pending(job, payloads, entry, questions);
        _waiting.Enqueue(mine);
        await _writing.WaitAsync();
        try
        {
            // Another caller's batch may have taken this entry already.
            while (!mine.Taken && Gather() is { Count: > 0 } batch)
                await WriteAsync(batch);
        }
        finally
        {
            _writing.Release();
        }

        return await mine.Written.Task;
    }

    public void Dispose() => _writing.Dispose();

    private List<Pending> Gather()
    {
        var batch = new List<Pending>();
        while (batch.Count < Largest && _waiting.TryDequeue(out var next))
        {
            next.Taken = true;
            batch.Add(next);
        }

        return batch;
    }

    private async Task WriteAsync(List<Pending> batch)
    {
        try
        {
            await SaveAsync(batch);
            batch.ForEach(pending => pending.Written.SetResult(pending.Spent));
        }
        catch (Exception e) when (batch.Count == 1)
        {
            batch[0].Written.SetException(e);
        }
        catch (DbUpdateException)
        {
            foreach (var pending in batch)
                await WriteAsync([pending]);
        }
        catch (Exception e)
        {
            batch.ForEach(pending => pending.Written.SetException(e));
        }
    }

    private async Task SaveAsync(List<Pending> batch)
    {
        await using var db = await databases.CreateDbContextAsync();
        List<string> projects = [.. batch.Select(pending => pending.Job.Project).OfType<string>().Distinct(StringComparer.Ordinal)];
        List<string> asking = [.. batch.Where(pending => pending.Questions is { PerWeek: > 0 }).Select(pending => pending.Job.Requester)];
        if (projects.Count == 0 && asking.Count == 0)
        {
            batch.ForEach(pending => pending.AddTo(db));
            await db.SaveChangesAsync();
            return;
        }

        await using var writing = asking.Count == 0 ? await db.BeginWritingAsync(CancellationToken.None) : await db.BeginAloneAsync(RequesterQuotas.Lock, CancellationToken.None);
        var now = time.GetUtcNow();
        var quotas = await ProjectQuotas.ReadAsync(db, projects, now, isAdmitting: true, CancellationToken.None);
        var asked = await RequesterQuotas.ReadAsync(db, asking, now, CancellationToken.None);
        foreach (var pending in batch)
        {
            pending.Spent = (pending.Questions is { PerWeek: > 0 } questions ? asked.Take(pending.Job, questions) : null) ?? quotas.Take(pending.Job);
            if (pending.Spent is null)
                pending.AddTo(db);
        }

        await db.SaveChangesAsync();
        await writing.CommitAsync(CancellationToken.None);
    }

    private sealed record Pending(Job Job, IReadOnlyList<Payload> Payloads, AuditEntry Entry, Questions? Questions)
    {
        public bool Taken { get; set; }

        public Admission.QuotaSpent? Spent { get; set; }

        public TaskCompletionSource<Admission.QuotaSpent?> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void AddTo(LazaretDb db)
        {
            db.Jobs.Add(Job);
            db.Payloads.AddRange(Payloads);
            db.Audit.Add(Entry);
            db.AskedQueries.AddRange((Questions?.Queries ?? []).Distinct(StringComparer.Ordinal).Select(query => new AskedQuery { JobId = Job.Id, Query = query, Requester = Job.Requester, At = Job.CreatedAt }));
        }
    }
}
