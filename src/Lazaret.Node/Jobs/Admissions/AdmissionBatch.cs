using System.Collections.Concurrent;
using Lazaret.Node.Audit;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Jobs.Admissions;

/// <summary>
/// Commits together what is admitted together: a commit waits for the disk, and while one waits the next requests gather.
/// Nobody waits for company: who comes alone is written at once. If a batch fails, each of it is tried by itself.
/// </summary>
public sealed class AdmissionBatch(IDbContextFactory<LazaretDb> databases) : IDisposable
{
    private const int Largest = 64;

    // Two at once: the one is prepared while the other waits for the disk.
    private readonly SemaphoreSlim _writing = new(2);
    private readonly ConcurrentQueue<Pending> _waiting = new();

    // Not to be cancelled: a batch is many requests', and the one whose client has gone is none the worse for being admitted.
    public async Task WriteAsync(Job job, Payload input, AuditEntry entry)
    {
        var mine = new Pending(job, input, entry);
        _waiting.Enqueue(mine);
        await _writing.WaitAsync();
        try
        {
            // Somebody else's batch may hold mine already.
            while (!mine.Taken && Gather() is { Count: > 0 } batch)
                await WriteAsync(batch);
        }
        finally
        {
            _writing.Release();
        }

        await mine.Written.Task;
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
            batch.ForEach(pending => pending.Written.SetResult());
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
        foreach (var pending in batch)
        {
            db.Jobs.Add(pending.Job);
            db.Payloads.Add(pending.Input);
            db.Audit.Add(pending.Entry);
        }

        await db.SaveChangesAsync();
    }

    private sealed record Pending(Job Job, Payload Input, AuditEntry Entry)
    {
        public bool Taken { get; set; }

        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
