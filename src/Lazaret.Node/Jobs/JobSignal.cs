using System.Collections.Concurrent;

namespace Lazaret.Node.Jobs;

/// <summary>What the parts of a process tell one another about jobs: that one may be claimed, that one is cancelled. A <see cref="JobRelay"/> tells other processes.</summary>
public sealed class JobSignal : IDisposable
{
    private readonly SemaphoreSlim _claimable = new(0);
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _runs = new();
    private Action<Guid?>? _relay;

    /// <summary>Also tells <paramref name="relay"/> what is said in this process: the cancelled job, or null for one that may be claimed.</summary>
    public void RelayTo(Action<Guid?>? relay) => _relay = relay;

    /// <summary>A job may be claimed.</summary>
    public void Claimable()
    {
        Hear(null);
        _relay?.Invoke(null);
    }

    /// <summary>A job is cancelled: whoever runs it stops at once.</summary>
    public void Cancelled(Guid job)
    {
        Hear(job);
        _relay?.Invoke(job);
    }

    /// <summary>What another process said.</summary>
    public void Hear(Guid? cancelled)
    {
        if (cancelled is { } job)
        {
            if (_runs.TryGetValue(job, out var run))
                run.Cancel();
        }
        else if (_claimable.CurrentCount == 0)
        {
            // Once is enough: whoever wakes takes all there is.
            _claimable.Release();
        }
    }

    /// <summary>Returns when a job may be claimed, or when <paramref name="atMost"/> has passed.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _claimable.WaitAsync(atMost, cancellationToken);

    /// <summary>This process runs the job until the answer is disposed of; its cancellation ends <paramref name="run"/>.</summary>
    public IDisposable Watch(Guid job, CancellationTokenSource run)
    {
        _runs[job] = run;
        return new Watching(this, job);
    }

    public void Dispose() => _claimable.Dispose();

    private sealed class Watching(JobSignal signal, Guid job) : IDisposable
    {
        public void Dispose() => signal._runs.TryRemove(job, out _);
    }
}
