namespace Lazaret.Node.Storage;

/// <summary>That a node runs on its state folder, for as long as it does.</summary>
public sealed class NodePresence(StateFolder state) : IDisposable
{
    private IDisposable? _lock;

    /// <exception cref="MissingException">A backup is being restored.</exception>
    public void Enter()
    {
        state.Create();
        _lock = state.TryLock(alone: false) ?? throw new MissingException($"a backup is being restored into {state.Root}: start the node when that is over");
    }

    public void Dispose() => _lock?.Dispose();
}
