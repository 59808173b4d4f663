namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>What several callers need and one must make: whoever comes while it is being made waits for the same.</summary>
internal sealed class SharedTasks<T>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task<T>> _running = new(StringComparer.Ordinal);

    /// <param name="key">What is made.</param>
    /// <param name="make">Makes it. A caller that stops waiting does not stop it, since others may wait too: it takes no token.</param>
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
