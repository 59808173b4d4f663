using System.Text;
using Microsoft.Win32.SafeHandles;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Linux;

/// <summary>
/// A folder that is gone when it is disposed of. What a killed process left is known by a lock on the folder that nobody holds, since the
/// kernel drops it with the process. It lies in a folder that nobody else may write to.
/// </summary>
internal sealed class HeldFolder : IDisposable
{
    private readonly SafeFileHandle _parent;
    private readonly byte[] _name;
    private readonly SafeFileHandle _held;

    private HeldFolder(SafeFileHandle parent, string place, string name, SafeFileHandle held)
    {
        _parent = parent;
        _name = EntryName(name);
        _held = held;
        Path = System.IO.Path.Join(place, name);
    }

    public string Path { get; }

    public static HeldFolder Make(string place, string prefix)
    {
        var parent = OpenTrustedFolder(place);
        try
        {
            var name = $"{prefix}{Guid.NewGuid():N}";
            // No sweep may come between the two calls.
            using var gate = Gate(parent);
            MakeFolder(parent, EntryName(name));
            var held = OpenEntry(parent, EntryName(name)) ?? throw new IOException($"The folder {place} lost what was just made in it.");
            Lock(held, wait: true);
            return new HeldFolder(parent, place, name, held);
        }
        catch
        {
            parent.Dispose();
            throw;
        }
    }

    /// <summary>Deletes the folders of such names that no process of this machine holds.</summary>
    public static void Sweep(string place, string prefix)
    {
        using var parent = OpenTrustedFolder(place);
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

    private static SafeFileHandle Gate(SafeFileHandle parent)
    {
        var gate = OpenAnew(parent);
        Lock(gate, wait: true);
        return gate;
    }
}
