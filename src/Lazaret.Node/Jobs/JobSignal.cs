namespace Lazaret.Node.Jobs;

/// <summary>Wakes this process's worker when a job was admitted here; workers elsewhere find it at their next look.</summary>
public sealed class JobSignal : IDisposable
{
    private readonly SemaphoreSlim _admitted = new(0);

    public void Raise()
    {
        // Once is enough: whoever wakes takes all there is.
        if (_admitted.CurrentCount == 0)
            _admitted.Release();
    }

    /// <summary>Returns when a job was admitted, or when <paramref name="atMost"/> has passed.</summary>
    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _admitted.WaitAsync(atMost, cancellationToken);

    public void Dispose() => _admitted.Dispose();
}
