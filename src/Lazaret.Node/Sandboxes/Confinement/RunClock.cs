namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// The clock of one run. It kills the run's processes at the deadline or when the caller cancels, whichever comes first, and remembers which of
/// the two it was. A worker that stops cancels its runs, too, after the time that they had to end by themselves.
/// </summary>
internal sealed class RunClock : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly CancellationToken _cancellation;
    private CancellationTokenRegistration _cancelling;
    private CancellationTokenRegistration _killing;
    private bool _isCancelled;

    private RunClock(CancellationTokenSource stop, CancellationToken cancellation)
    {
        _stop = stop;
        _cancellation = cancellation;
    }

    /// <summary>Cancelled when the run is to end: for whatever else waits for the run.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <param name="timeout">From now to the deadline.</param>
    /// <param name="kill">Kills the run's processes. It is called once at most, and not any more when <see cref="IsTimedOut"/> has returned.</param>
    public static RunClock Start(TimeSpan timeout, Action kill, TimeProvider time, CancellationToken cancellationToken)
    {
        var clock = new RunClock(new CancellationTokenSource(timeout, time), cancellationToken);
        clock._killing = clock._stop.Token.UnsafeRegister(_ => kill(), state: null);
        clock._cancelling = cancellationToken.UnsafeRegister(_ => clock.Cancel(), state: null);
        return clock;
    }

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

    private void Cancel()
    {
        _isCancelled = !_stop.IsCancellationRequested;
        _stop.Cancel();
    }

    /// <summary>Disposing a registration waits for its callback to return.</summary>
    private void Halt()
    {
        _cancelling.Dispose();
        _killing.Dispose();
    }
}
