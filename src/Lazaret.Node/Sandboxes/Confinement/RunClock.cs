namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// The clock of one run. It kills the run's processes at the deadline or when the caller cancels, whichever comes first, and remembers which of
/// the two it was. A worker that stops cancels its runs, too, after the time that they had to end by themselves.
/// </summary>
internal sealed class RunClock : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenRegistration _killing;
    private readonly CancellationTokenRegistration _cancelling;
    private readonly ITimer _deadline;
    private bool _isCancelled;
    private bool _isHalted;

    private RunClock(TimeSpan timeout, Action kill, TimeProvider time, CancellationToken cancellationToken)
    {
        _cancellation = cancellationToken;
        _killing = _stop.Token.UnsafeRegister(_ => kill(), state: null);
        _cancelling = cancellationToken.UnsafeRegister(_ => End(isCancelled: true), state: null);
        // Last: whoever sees that the run is timed may rely on both.
        _deadline = time.CreateTimer(_ => End(isCancelled: false), state: null, timeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when the run is to end: for whatever else waits for the run.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <param name="timeout">From now to the deadline.</param>
    /// <param name="kill">Kills the run's processes. It is called once at most, and not any more when <see cref="IsTimedOut"/> has returned.</param>
    public static RunClock Start(TimeSpan timeout, Action kill, TimeProvider time, CancellationToken cancellationToken) =>
        new(timeout, kill, time, cancellationToken);

    /// <summary>
    /// Stops the clock after the run's processes have ended, and says what ended them: the deadline (true) or the program itself (false).
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller did, by cancelling.</exception>
    public bool IsTimedOut()
    {
        Halt();
        if (_isCancelled)
            throw new OperationCanceledException(_cancellation);
        return _stop.IsCancellationRequested;
    }

    public void Dispose()
    {
        Halt();
        _stop.Dispose();
    }

    private void End(bool isCancelled)
    {
        lock (_lock)
        {
            if (_isHalted || _stop.IsCancellationRequested)
                return;
            _isCancelled = isCancelled;
            _stop.Cancel();
        }
    }

    /// <summary>Waits for an end that is under way; none begins any more.</summary>
    private void Halt()
    {
        lock (_lock)
            _isHalted = true;
        _deadline.Dispose();
        _cancelling.Dispose();
        _killing.Dispose();
    }
}
