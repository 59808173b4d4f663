using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Linux;

/// <summary>
/// Deletes a folder with all that is in it; all code of the node that deletes folders calls it. It opens each folder by a descriptor and follows
/// no link, so that a user who replaces an entry meanwhile cannot make it delete anything outside the folder. Three descriptors are enough
/// for any depth, since the content of a subfolder is moved up to the top folder before the subfolder is deleted.
/// </summary>
internal static class FolderDeletion
{
    /// <summary>How the message begins where it was not deleted.</summary>
    public const string Refusal = "A folder cannot be deleted";

    /// <summary>Deletes a folder, if there is one. Links in the path to it are followed; a link in its own place is itself deleted.</summary>
    /// <exception cref="IOException">Something in it cannot be deleted, or is being added meanwhile.</exception>
    public static void Delete(string folder)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(Path.GetDirectoryName(full)))
            return;
        using var parent = OpenTrustedFolder(Path.GetDirectoryName(full)!);
        Delete(parent, EntryName(Path.GetFileName(full)));
    }

    /// <inheritdoc cref="Delete(string)"/>
    public static void Delete(SafeFileHandle parent, byte[] name)
    {
        if (TryStatus(parent, name) is not { } status)
            return;
        if (status.IsFolder)
        {
            using var folder = Open(parent, name, status);
            Empty(folder);
            Check(UnlinkFolder(parent, name));
        }
        else
        {
            Check(Unlink(parent, name));
        }
    }

    private static void Empty(SafeFileHandle top)
    {
        var device = Status(top).Device;
        bool movedUp;
        do
        {
            movedUp = false;
            foreach (var name in ReadNames(top))
            {
                if (IsDeleted(top, name))
                    continue;
                if (TryStatus(top, name) is not { } status)
                    continue;
                if (status.Device != device || status.IsMountPoint)
                    throw new IOException($"{Refusal}: something is mounted in it.");
                using var below = Open(top, name, status);
                foreach (var inner in ReadNames(below))
                {
                    if (IsDeleted(below, inner))
                        continue;
                    // To move a folder, its owner needs write permission on the folder itself, too.
                    if (TryStatus(below, inner) is { } nested)
                        MakeWritable(below, inner, nested);
                    Check(Rename(below, inner, top, EntryName(Guid.NewGuid().ToString("N"))));
                    movedUp = true;
                }

                Check(UnlinkFolder(top, name));
            }
        }
        while (movedUp);
    }

    /// <summary>False when it is a folder.</summary>
    private static bool IsDeleted(SafeFileHandle folder, byte[] name)
    {
        var error = Unlink(folder, name);
        if (error != IsAFolder)
            Check(error);
        return error != IsAFolder;
    }

    private static SafeFileHandle Open(SafeFileHandle parent, byte[] name, FileStatus status)
    {
        MakeWritable(parent, name, status);
        return OpenEntry(parent, name) ?? throw Refused(Marshal.GetLastPInvokeError());
    }

    /// <summary>Gives the owner access again: a program may have taken the permissions on its folders from its own user.</summary>
    private static void MakeWritable(SafeFileHandle parent, byte[] name, FileStatus status)
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (User != 0 && status.User == User && (status.Permissions & Owner) != Owner)
            OpenToOwner(parent, name);
    }

    private static void Check(int error)
    {
        if (error is not (0 or NoSuchEntry))
            throw Refused(error);
    }

    // Without the name: a program may have chosen it after a patient.
    private static IOException Refused(int error) => Failed(Refusal, error);
}
