using System.ComponentModel;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Linux;

/// <summary>Files and folders of the node's own: made for this user alone whatever the umask, and opened only if nobody else laid them there.</summary>
internal static class OwnFile
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode FolderMode = Mode | UnixFileMode.UserExecute;
    public const UnixFileMode WrittenByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Opens a file for reading; null when there is none.</summary>
    /// <exception cref="InputException">It is a link, no regular file, another user's, or has a second name; the message says what to do.</exception>
    public static SafeFileHandle? OpenRead(string path)
    {
        Check(path);
        return Calling(() => LinuxCalls.OpenEntry(path));
    }

    /// <summary>Makes a file where there is none.</summary>
    /// <inheritdoc cref="OpenRead" path="/exception"/>
    public static void Create(string path)
    {
        Check(path);
        if (File.Exists(path))
            return;
        using (new FileStream(path, Options(FileShare.ReadWrite | FileShare.Delete)))
        {
        }
    }

    /// <summary>A file that only one process at a time has open; made where there is none.</summary>
    /// <exception cref="IOException">Another process has it open.</exception>
    /// <inheritdoc cref="OpenRead" path="/exception"/>
    public static FileStream Lock(string path)
    {
        Check(path);
        return new FileStream(path, Options(FileShare.None));
    }

    /// <summary>Takes every permission off that is not among these, and gives others to a group, where this process can give it the file.</summary>
    public static void Restrict(string path, UnixFileMode most, (UnixFileMode May, int Group)? shared = null)
    {
        using var entry = LinuxCalls.OpenEntry(path);
        if (entry is null)
            return;
        var now = LinuxCalls.Status(entry);
        var next = now.Permissions & most;
        // The group first, since changing it takes set-group-ID off.
        if (shared is var (may, group) && (now.Group == (uint)group || LinuxCalls.TryChangeGroup(entry, group)))
            next |= may;
        if (LinuxCalls.Status(entry).Permissions != next)
            File.SetUnixFileMode(entry, next);
    }

    /// <inheritdoc cref="OpenRead" path="/exception"/>
    private static void Check(string path)
    {
        if (Calling(() => StrictModes.FaultOfEntry(path, folder: false)) is { } fault)
            throw new InputException(fault);
    }

    private static T? Calling<T>(Func<T?> call)
        where T : class
    {
        try
        {
            return call();
        }
        catch (Win32Exception e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private static FileStreamOptions Options(FileShare share) =>
        new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share, UnixCreateMode = Mode };
}
