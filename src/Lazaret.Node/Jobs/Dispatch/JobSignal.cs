using System.Collections.Concurrent;

namespace Lazaret.Node.Jobs.Dispatch;

/// <summary>Carries <see cref="JobNews"/> between the parts of a process. A <see cref="JobRelay"/> carries them between processes.</summary>
public sealed class JobSignal : IDisposable
{
    private readonly SemaphoreSlim _claimable = new(0);
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _runs = new();
    private readonly Dictionary<Guid, List<TaskCompletionSource>> _waiting = [];
    private Action<JobNews>? _relay;

    /// <summary>Also gives what is said in this process to <paramref name="relay"/>.</summary>
    public void RelayTo(Action<JobNews>? relay) => _relay = relay;

    /// <summary>Says it here, and to the other processes.</summary>
    public void Say(JobNews news)
    {
        Hear(news);
        _relay?.Invoke(news);
    }

    /// <summary>What another process said.</summary>
    public void Hear(JobNews news)
    {
        switch (news)
        {
            case JobNews.Claimable:
                // Once is enough: the worker that wakes claims all jobs there are.
                if (_claimable.CurrentCount == 0)
                    _claimable.Release();
                break;
            case JobNews.Cancelled(var job):
                Stop(job);
                End(job);
                break;
            case JobNews.Over(var job):
                End(job);
                break;
        }
    }

    /// <summary>Returns when a job may be claimed, or when <paramref name="atMost"/> has passed.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _claimable.WaitAsync(atMost, cancellationToken);

    /// <summary>This process runs the job until the answer is disposed of; its cancellation ends <paramref name="run"/>.</summary>
    public IDisposable Watch(Guid job, CancellationTokenSource run)
    {
        _runs[job] = run;
        // Not another run of the job, which this process may have begun when this one's lease lapsed.
        return new Ending(() => _runs.TryRemove(KeyValuePair.Create(job, run)));
    }

    /// <summary>The end of a job, as far as this process hears of it, until the answer is disposed of.</summary>
    public IDisposable AwaitEnd(Guid job, out Task end)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        end = waiter.Task;
        lock (_waiting)
        {
            if (!_waiting.TryGetValue(job, out var waiters))
                _waiting.Add(job, waiters = []);
            waiters.Add(waiter);
        }

        return new Ending(() =>
        {
            lock (_waiting)
            {
                if (_waiting.TryGetValue(job, out var waiters) && waiters.Remove(waiter) && waiters.Count == 0)
                    _waiting.Remove(job);
            }
        });
    }

    public void Dispose() => _claimable.Dispose();

    private void Stop(Guid job)
    {
        try
        {
            if (_runs.TryGetValue(job, out var run))
                run.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run has just ended.
        }
    }

    private void End(Guid job)
    {
        lock (_waiting)
        {
            if (_waiting.TryGetValue(job, out var waiters))
                waiters.ForEach(waiter => waiter.TrySetResult());
        }
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
