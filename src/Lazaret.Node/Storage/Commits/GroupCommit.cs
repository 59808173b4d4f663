using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;

namespace Lazaret.Node.Storage.Commits;

/// <summary>
/// Group commit: at most two batches are written at a time, each in one transaction. Items that arrive meanwhile wait for the next batch. An item that comes alone is
/// written at once. If the database refuses a batch, each item in it is written by itself.
/// </summary>
/// <param name="save">Writes a batch in one transaction.</param>
internal sealed class GroupCommit<T>(Func<IReadOnlyList<T>, Task> save) : IDisposable
{
    private const int Largest = 64;

    // One batch is prepared while the other waits for the disk, or for its links in the audit's chain.
    private const int AtOnce = 2;

    private readonly SemaphoreSlim _writing = new(AtOnce);
    private readonly SemaphoreSlim _draining = new(1);
    private readonly ConcurrentQueue<Pending> _waiting = new();

    /// <summary>Waits until the item is written. It takes no cancellation token: other callers' items are in the same batch.</summary>
    public async Task WriteAsync(T item)
    {
        var mine = new Pending(item);
        _waiting.Enqueue(mine);
        await _writing.WaitAsync();
        try
        {
            // Another caller's batch may have taken this item already.
            while (!mine.Taken && Gather() is { Count: > 0 } batch)
                await WriteAsync(batch);
        }
        finally
        {
            _writing.Release();
        }

        await mine.Written.Task;
    }

    /// <summary>Waits until all that came before is written, also for callers who have gone.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        // Two drains at once would deadlock, each holding one slot.
        await _draining.WaitAsync(cancellationToken);
        var held = 0;
        try
        {
            // The semaphore is first in, first out: when this gets a slot, all earlier writers have theirs.
            for (; held < AtOnce; held++)
                await _writing.WaitAsync(cancellationToken);
        }
        finally
        {
            if (held > 0)
                _writing.Release(held);
            _draining.Release();
        }
    }

    public void Dispose()
    {
        _writing.Dispose();
        _draining.Dispose();
    }

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
            await save([.. batch.Select(pending => pending.Item)]);
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

    private sealed record Pending(T Item)
    {
        public bool Taken { get; set; }

        public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
