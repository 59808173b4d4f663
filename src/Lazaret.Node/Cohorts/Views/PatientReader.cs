using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>
/// Reads, on a thread of its own, what may not answer: a call to a file system whose server is gone does not return, and nothing ends it. Whoever asks waits for as
/// long as they say. All who ask meanwhile share one reading, so that one thread at most hangs.
/// </summary>
internal sealed class PatientReader<T>(Func<T> read, TimeProvider time)
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    // The monitor of what follows.
    private readonly object _turn = new();
    private bool _runs;
    private long _wanted;
    private long _begun;
    private long _done;
    private long _beganAt;
    private DateTimeOffset _since;
    private Outcome? _last;

    /// <summary>The result of a reading that began after the call.</summary>
    /// <param name="since">Since when the reading that goes on has not ended, where there is no result in time.</param>
    public bool TryRead(TimeSpan patience, out T? result, out DateTimeOffset since)
    {
        var asked = Stopwatch.GetTimestamp();
        Outcome last;
        lock (_turn)
        {
            var mine = Want();
            while (_done < mine)
            {
                // What has not answered others for so long is not waited for once more.
                var waited = Stopwatch.GetElapsedTime(_begun > _done ? Math.Min(asked, _beganAt) : asked);
                if (waited >= patience || !Monitor.Wait(_turn, patience - waited))
                {
                    if (_done >= mine)
                        break;
                    (result, since) = (default, _begun > _done ? _since : time.GetUtcNow());
                    return false;
                }
            }

            last = _last!;
        }

        last.Fault?.Throw();
        (result, since) = (last.Result, default);
        return true;
    }

    /// <summary>Since when a reading has gone on; null while none does.</summary>
    public DateTimeOffset? Since
    {
        get
        {
            lock (_turn)
                return _begun > _done ? _since : null;
        }
    }

    /// <summary>Begins a reading, unless one goes on, and does not wait for it.</summary>
    public void Begin()
    {
        lock (_turn)
        {
            if (_begun == _done)
                Want();
        }
    }

    private long Want()
    {
        _wanted = _begun + 1;
        if (!_runs)
        {
            _runs = true;
            new Thread(Run) { IsBackground = true, Name = "data view" }.Start();
        }

        Monitor.PulseAll(_turn);
        return _wanted;
    }

    private void Run()
    {
        while (true)
        {
            lock (_turn)
            {
                while (_wanted <= _begun)
                {
                    if (Monitor.Wait(_turn, Idle))
                        continue;
                    _runs = false;
                    return;
                }

                (_begun, _beganAt, _since) = (_begun + 1, Stopwatch.GetTimestamp(), time.GetUtcNow());
            }

            Outcome outcome;
            try
            {
                outcome = new Outcome(read(), Fault: null);
            }
            catch (Exception e)
            {
                outcome = new Outcome(default, ExceptionDispatchInfo.Capture(e));
            }

            lock (_turn)
            {
                (_done, _last) = (_begun, outcome);
                Monitor.PulseAll(_turn);
            }
        }
    }

    private sealed record Outcome(T? Result, ExceptionDispatchInfo? Fault);
}
