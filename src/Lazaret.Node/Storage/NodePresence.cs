namespace Lazaret.Node.Storage;

/// <summary>Holds the state folder's lock as long as a node runs on the folder, so that no backup is restored into it meanwhile.</summary>
internal sealed class NodePresence(StateFolder state) : IDisposable
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
