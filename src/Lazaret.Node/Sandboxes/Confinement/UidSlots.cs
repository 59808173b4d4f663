namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// The user ids that programs run under when the node is root. No two programs share one, since a user id's processes can signal each
/// other and share their limits. A lock that the kernel drops with the process keeps other nodes of the machine off an id.
/// </summary>
internal sealed class UidSlots(SandboxOptions options)
{
    private readonly Lock _gate = new();
    private readonly HashSet<int> _mine = [];

    /// <exception cref="SandboxException">All are in use.</exception>
    public UidSlot Take()
    {
        for (var uid = options.FirstUid; uid < options.FirstUid + options.UidCount; uid++)
        {
            if (TryTake(uid) is { } slot)
                return slot;
        }

        throw new SandboxException(
            $"all {options.UidCount} user ids from {options.FirstUid} on are in use by sandboxes: raise Lazaret:Sandbox:UidCount");
    }

    /// <summary>The slot of one user id; null when it is in use.</summary>
    public UidSlot? TryTake(int uid)
    {
        lock (_gate)
        {
            if (!_mine.Add(uid))
                return null;
        }

        try
        {
            Directory.CreateDirectory(options.UidLocks, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            // FileShare.None is flock(2): held by this open file, gone with this process. The file stays, empty.
            var path = Path.Join(options.UidLocks, $"{uid}");
            return new UidSlot(this, uid, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e)
        {
            Forget(uid);
            if (e is IOException)
                return null;
            throw;
        }
    }

    private void Forget(int uid)
    {
        lock (_gate)
            _mine.Remove(uid);
    }

    internal sealed class UidSlot(UidSlots slots, int uid, FileStream held) : IDisposable
    {
        public int Uid => uid;

        public void Dispose()
        {
            held.Dispose();
            slots.Forget(uid);
        }
    }
}
