namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>Makes each thing once, though several callers may ask for it at the same time: those who come while it is being made wait for it, too.</summary>
internal sealed class SharedTasks<T>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task<T>> _running = new(StringComparer.Ordinal);

    /// <param name="key">What is made.</param>
    /// <param name="make">Makes it. It gets no token: a caller that stops waiting does not stop it, since others may be waiting.</param>
    public Task<T> RunAsync(string key, Func<Task<T>> make, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_running.TryGetValue(key, out var running) || running.IsCompleted)
                _running[key] = running = make();
            return running.WaitAsync(cancellationToken);
        }
    }
}
