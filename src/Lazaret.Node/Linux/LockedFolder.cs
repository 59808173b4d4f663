using System.Text;
using Microsoft.Win32.SafeHandles;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Linux;

/// <summary>
/// A folder that is deleted when this is disposed of. The process holds a lock (flock) on it meanwhile, which the kernel releases when the process
/// ends: so a sweep knows the folders of killed processes by their free locks. The folder above must be one that no other user may write to.
/// </summary>
internal sealed class LockedFolder : IDisposable
{
    private readonly SafeFileHandle _parent;
    private readonly byte[] _name;
    private readonly SafeFileHandle _held;

    private LockedFolder(SafeFileHandle parent, string above, string name, SafeFileHandle held)
    {
        _parent = parent;
        _name = EntryName(name);
        _held = held;
        Path = System.IO.Path.Join(above, name);
    }

    public string Path { get; }

    public static LockedFolder Make(string above, string prefix)
    {
        var parent = OpenTrustedFolder(above);
        try
        {
            var name = $"{prefix}{Guid.NewGuid():N}";
            // With the lock on the folder above, no sweep comes between making the folder and locking it.
            using var gate = Gate(parent);
            MakeFolder(parent, EntryName(name));
            var held = OpenEntry(parent, EntryName(name)) ?? throw new IOException($"The folder {above} lost what was just made in it.");
            Lock(held, wait: true);
            return new LockedFolder(parent, above, name, held);
        }
        catch
        {
            parent.Dispose();
            throw;
        }
    }

    /// <summary>Deletes the folders whose names begin so and whose locks no process holds.</summary>
    public static void Sweep(string above, string prefix)
    {
        using var parent = OpenTrustedFolder(above);
        using var gate = Gate(parent);
        foreach (var name in ReadNames(parent).Where(name => Encoding.UTF8.GetString(name).StartsWith(prefix, StringComparison.Ordinal)).ToList())
        {
            if (TryStatus(parent, name) is { IsFolder: true } status && status.User == User && OpenEntry(parent, name) is { } folder)
            {
                using (folder)
                {
                    if (Lock(folder, wait: false))
                        FolderDeletion.Delete(parent, name);
                }
            }
        }
    }

    public void Dispose()
    {
        using (_parent)
        using (_held)
            FolderDeletion.Delete(_parent, _name);
    }

    /// <summary>Locks the folder above.</summary>
    private static SafeFileHandle Gate(SafeFileHandle parent)
    {
        var gate = OpenAnew(parent);
        Lock(gate, wait: true);
        return gate;
    }
}
