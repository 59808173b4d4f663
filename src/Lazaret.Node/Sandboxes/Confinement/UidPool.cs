using Lazaret.Node.Linux;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// The user ids that programs run under when the node is root. No two programs share one, since processes of one user id can signal each
/// other and share their limits. A node holds a lock (flock) on a file for each id in use, so that no other node of this machine uses it; the
/// kernel releases the lock when the node ends. In a folder that others may write to, they could hold every lock, or lay links in the files' places.
/// </summary>
internal sealed class UidPool(SandboxOptions options)
{
    private const string Setting = "Lazaret:Sandbox:UidLocks";

    private readonly Lock _gate = new();
    private readonly HashSet<int> _used = [];

    /// <exception cref="SandboxException">All are in use, or the folder of the locks is not the node's alone.</exception>
    public LockedUid Take()
    {
        for (var uid = options.FirstUid; uid < options.FirstUid + options.UidCount; uid++)
        {
            if (TryTake(uid) is { } locked)
                return locked;
        }

        throw new SandboxException(
            $"all {options.UidCount} user ids from {options.FirstUid} on are in use by sandboxes: raise Lazaret:Sandbox:UidCount");
    }

    /// <summary>This user id, locked; null when it is in use.</summary>
    public LockedUid? TryTake(int uid)
    {
        lock (_gate)
        {
            if (!_used.Add(uid))
                return null;
        }

        try
        {
            Directory.CreateDirectory(options.UidLocks, OwnFile.FolderMode);
            // The file stays, empty.
            if (OwnFile.TryLock(Path.Join(options.UidLocks, $"{uid}"), setting: Setting) is { } held)
                return new LockedUid(this, uid, held);
            Forget(uid);
            return null;
        }
        catch (Exception e)
        {
            Forget(uid);
            if (e is MissingException or IOException or UnauthorizedAccessException)
                throw new SandboxException($"a user id cannot be locked: {e.Message}", e);
            throw;
        }
    }

    private void Forget(int uid)
    {
        lock (_gate)
            _used.Remove(uid);
    }

    internal sealed class LockedUid(UidPool pool, int uid, FileStream held) : IDisposable
    {
        public int Uid => uid;

        public void Dispose()
        {
            held.Dispose();
            pool.Forget(uid);
        }
    }
}
