using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Linux;

/// <summary>
/// The node's own files. They are made with a mode for this user alone, whatever the umask, and opened only if no other user can have put them
/// there.
/// </summary>
internal static class OwnFile
{
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    public const UnixFileMode FolderMode = Mode | UnixFileMode.UserExecute;
    public const UnixFileMode WrittenByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    public const UnixFileMode Others = WrittenByOthers | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const string State = "Lazaret:State";

    /// <summary>Opens a file for reading; null when there is none.</summary>
    /// <exception cref="MissingException">
    /// It is a link, no regular file, another user's, or has a second name, or another user may write to a folder above it. The message says what
    /// to do.
    /// </exception>
    /// <param name="setting">The configuration's key that the path comes from.</param>
    public static SafeFileHandle? OpenRead(string path, string setting = State)
    {
        Check(path, setting);
        return LinuxCalls.OpenEntry(path);
    }

    /// <summary>Makes a file where there is none.</summary>
    /// <inheritdoc cref="OpenRead" path="/exception"/>
    public static void Create(string path, string setting = State)
    {
        Check(path, setting);
        if (File.Exists(path))
            return;
        using (new FileStream(path, Options(FileShare.ReadWrite | FileShare.Delete)))
        {
        }
    }

    /// <summary>
    /// A lock (flock) on a file, which is made where there is none: one process has it alone, or any number have it together. Null while it
    /// is not free for this use. The kernel releases it when the process ends, for whatever reason.
    /// </summary>
    /// <exception cref="IOException">The file cannot be made or opened.</exception>
    /// <inheritdoc cref="OpenRead" path="/exception"/>
    public static FileStream? TryLock(string path, bool alone = true, string setting = State)
    {
        const int HeldByAnother = 11;
        Check(path, setting);
        try
        {
            // On Unix FileShare.None is an exclusive advisory lock, anything else a shared one.
            return new FileStream(path, Options(alone ? FileShare.None : FileShare.Read));
        }
        catch (IOException e) when (e.HResult == HeldByAnother)
        {
            return null;
        }
    }

    /// <summary>The lock alone, as soon as it is free; null where another process keeps it for longer than that.</summary>
    /// <inheritdoc cref="TryLock(string, bool, string)" path="/exception"/>
    public static FileStream? TryLock(string path, TimeSpan patience, string setting)
    {
        FileStream? held = null;
        SpinWait.SpinUntil(() => (held = TryLock(path, setting: setting)) is not null, patience);
        return held;
    }

    /// <summary>Waits for the lock, and looks again after each pause.</summary>
    /// <inheritdoc cref="TryLock(string, bool, string)" path="/exception"/>
    public static async Task<FileStream> LockAsync(string path, TimeSpan pause, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryLock(path) is { } held)
                return held;
            await Task.Delay(pause, cancellationToken);
        }
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
    private static void Check(string path, string setting)
    {
        if ((StrictModes.FaultOfParents(path, setting) ?? StrictModes.FaultOfEntry(path, folder: false)) is { } fault)
            throw new MissingException(fault);
    }

    private static FileStreamOptions Options(FileShare share) =>
        new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share, UnixCreateMode = Mode };
}
