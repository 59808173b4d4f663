namespace Lazaret.Node.Health;

/// <summary>
/// Runs readiness checks one at a time. All callers that arrive during one check share the next. Anybody may ask, without a rate limit, and each check queries the database.
/// </summary>
internal sealed class SharedExamination(ReadinessExamination examination, NodeRole role) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _lock = new();
    private Task<Readiness>? _next;

    public Task<Readiness> RunAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return (_next ??= Task.Run(NextAsync, CancellationToken.None)).WaitAsync(cancellationToken);
    }

    public void Dispose() => _turn.Dispose();

    private async Task<Readiness> NextAsync()
    {
        await _turn.WaitAsync();
        // Whoever comes later gets the next one: this one may miss what has changed by then.
        lock (_lock)
            _next = null;
        try
        {
            return await examination.RunAsync(role, CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }
    }
}
