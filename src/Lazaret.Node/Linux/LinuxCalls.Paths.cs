using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Linux;

/// <summary>
/// Entries of open folders. Each call takes one name, never a path, and follows no link: if a hostile user replaces an entry by a link, the call
/// fails. Going down name by name needs no <c>openat2</c>, which older kernels and gVisor lack.
/// Names are the bytes that the kernel has, ended by a zero: they need not be UTF-8.
/// </summary>
internal static partial class LinuxCalls
{
    internal const int NoSuchEntry = 2;
    internal const int IsAFolder = 21;

    private const int AtRemoveFolder = 0x200;
    private const int OpenNoTerminal = 0x100;

    /// <summary>The user whose rights this process has.</summary>
    internal static uint User => EffectiveUser();

    /// <summary>The name as the calls here take it.</summary>
    /// <exception cref="ArgumentException">It is no name of one entry.</exception>
    internal static byte[] EntryName(string name) =>
        name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '\0')
            ? throw new ArgumentException("This is no name of one entry.", nameof(name))
            : [.. Encoding.UTF8.GetBytes(name), 0];

    /// <summary>Opens a folder to read it. Links on the way to it are followed: whoever calls this trusts the path.</summary>
    internal static SafeFileHandle OpenTrustedFolder(string path) =>
        Open(path, OpenFolderOnly) ?? throw Failed($"openat {path}");

    /// <summary>
    /// Opens an entry to read it, a folder or a file. Null when that cannot be done, <see cref="Marshal.GetLastPInvokeError"/> says why: it
    /// is a link, for example. Opening a FIFO does not block, but opening a device may have effects: look at the status first.
    /// </summary>
    internal static SafeFileHandle? OpenEntry(SafeFileHandle folder, byte[] name) => OpenEntry(folder, name, OpenNoTerminal | (int)OpenNonBlocking);

    /// <summary>What is at an absolute path, to be looked at. Null when nothing is, or a link is on the way.</summary>
    internal static SafeFileHandle? OpenWithoutLinks(string path)
    {
        var found = Open("/", OpenPathOnly);
        foreach (var step in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            using var folder = found ?? throw Failed("openat");
            // A link can be opened so, but nothing below it.
            found = OpenEntry(folder, EntryName(step), (int)OpenPathOnly);
            if (found is null)
                return null;
        }

        if (found is null || !Status(found).IsLink)
            return found;
        found.Dispose();
        return null;
    }

    /// <summary>Opens a folder once more, with a position and a lock of its own.</summary>
    internal static SafeFileHandle OpenAnew(SafeFileHandle folder) =>
        OpenEntry(folder, [.. ".\0"u8], (int)OpenFolderOnly) ?? throw Failed("openat");

    /// <summary>Gives a folder's owner every right to it, even where they cannot open it.</summary>
    internal static void OpenToOwner(SafeFileHandle folder, byte[] name)
    {
        using var entry = OpenEntry(folder, name, (int)(OpenPathOnly | OpenFolderOnly)) ?? throw Failed("openat");
        File.SetUnixFileMode(DescriptorPath(entry), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Another open file of what is open already, with a position of its own.</summary>
    internal static FileStream Reopen(SafeFileHandle file) => new(DescriptorPath(file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>The path by which a tool that this process starts can open a file that this process has open.</summary>
    internal static string ForTools(SafeFileHandle file) => FormattableString.Invariant($"/proc/{Environment.ProcessId}/fd/{file.DangerousGetHandle()}");

    /// <summary>What lies at a path, of a link itself; null when nothing does.</summary>
    internal static FileStatus? StatusOfEntry(string path)
    {
        if (StatxAt(AtCurrentFolder, path, AtSymlinkNoFollow, StatxBasic, out var status) == 0)
            return status;
        return Marshal.GetLastPInvokeError() == NoSuchEntry ? null : throw Failed(path);
    }

    /// <summary>Opens a file or a folder for reading. A link is refused, and a FIFO does not block. Null when there is nothing.</summary>
    internal static SafeFileHandle? OpenEntry(string path)
    {
        if (Open(path, OpenNonBlocking | OpenNoFollow) is { } entry)
            return entry;
        return Marshal.GetLastPInvokeError() == NoSuchEntry ? null : throw Failed(path);
    }

    /// <summary>False where this process may not, as root without capabilities, or root of a user namespace that does not map the group.</summary>
    internal static bool TryChangeGroup(SafeFileHandle file, int group)
    {
        const uint SameUser = uint.MaxValue;
        return NativeChangeOwner(file, SameUser, (uint)group) == 0;
    }

    /// <summary>The names in a folder, in the kernel's order.</summary>
    internal static IEnumerable<byte[]> ReadNames(SafeFileHandle folder)
    {
        // struct linux_dirent64: u64 inode, s64 offset, u16 length, u8 type, the name up to a zero.
        const int LengthAt = 16;
        const int NameAt = 19;
        Check(WithHandle(folder, handle => Seek((int)handle, 0, 0)), "lseek");
        var buffer = new byte[32 << 10];
        while ((int)Check(WithHandle(folder, handle => ReadEntries((int)handle, buffer)), "getdents64") is var read and > 0)
        {
            for (var at = 0; at < read; at += BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + LengthAt)))
            {
                var name = buffer.AsSpan(at + NameAt);
                name = name[..(name.IndexOf((byte)0) + 1)];
                if (!name.SequenceEqual(".\0"u8) && !name.SequenceEqual("..\0"u8))
                    yield return name.ToArray();
            }
        }
    }

    /// <summary>Of an entry; of a link itself.</summary>
    internal static FileStatus Status(SafeFileHandle folder, byte[] name)
    {
        Check(StatxEntry(folder, name, AtSymlinkNoFollow, StatxBasic, out var status), "statx");
        return status;
    }

    /// <summary>The same; null when there is no such entry.</summary>
    internal static FileStatus? TryStatus(SafeFileHandle folder, byte[] name) =>
        StatxEntry(folder, name, AtSymlinkNoFollow, StatxBasic, out var status) == 0 ? status
        : Marshal.GetLastPInvokeError() == NoSuchEntry ? null
        : throw Failed("statx");

    /// <summary>What a link says.</summary>
    internal static string ReadLink(SafeFileHandle folder, byte[] name)
    {
        var target = new byte[4096];
        return Encoding.UTF8.GetString(target, 0, (int)Check(ReadLinkAt(folder, name, target, (nuint)target.Length), "readlinkat"));
    }

    /// <summary>Makes a folder that nobody but its owner enters; one that is there is fine.</summary>
    internal static void MakeFolder(SafeFileHandle folder, byte[] name)
    {
        const int Exists = 17;
        if (MakeFolderAt(folder, name, (uint)(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) != 0 && Marshal.GetLastPInvokeError() != Exists)
            throw Failed("mkdirat");
    }

    /// <summary>Deletes an entry that is no folder: 0, or the error.</summary>
    internal static int Unlink(SafeFileHandle folder, byte[] name) => UnlinkAt(folder, name, 0) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Deletes an empty folder: 0, or the error.</summary>
    internal static int UnlinkFolder(SafeFileHandle folder, byte[] name) => UnlinkAt(folder, name, AtRemoveFolder) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Moves an entry: 0, or the error.</summary>
    internal static int Rename(SafeFileHandle folder, byte[] name, SafeFileHandle to, byte[] newName) =>
        RenameAt(folder, name, to, newName) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>
    /// Locks an open file or folder (flock). The kernel releases the lock when its last descriptor is closed, at the latest when the process
    /// ends. False when another process holds it and this is not to wait.
    /// </summary>
    internal static bool Lock(SafeFileHandle file, bool wait)
    {
        const int Exclusive = 2;
        const int DoNotWait = 4;
        const int HeldByAnother = 11;
        if (Flock(file, wait ? Exclusive : Exclusive | DoNotWait) == 0)
            return true;
        return !wait && Marshal.GetLastPInvokeError() == HeldByAnother ? false : throw Failed("flock");
    }

    private static SafeFileHandle? OpenEntry(SafeFileHandle folder, byte[] name, int options)
    {
        var descriptor = OpenAt(folder, name, options | (int)(OpenNoFollow | OpenCloseOnExec));
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static SafeFileHandle? Open(string path, ulong options)
    {
        var descriptor = OpenPath(AtCurrentFolder, path, (int)(options | OpenCloseOnExec));
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static string DescriptorPath(SafeFileHandle file) => FormattableString.Invariant($"/proc/self/fd/{file.DangerousGetHandle()}");

    private static long ReadEntries(int folder, byte[] buffer) => GetEntries(217, folder, buffer, (nuint)buffer.Length);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(SafeFileHandle folder, byte[] name, int options);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(int folder, string path, int options);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(int file, long offset, int from);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long GetEntries(long number, long folder, [Out] byte[] buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatxEntry(SafeFileHandle folder, byte[] name, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    private static partial nint ReadLinkAt(SafeFileHandle folder, byte[] name, [Out] byte[] target, nuint size);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MakeFolderAt(SafeFileHandle folder, byte[] name, uint mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkAt(SafeFileHandle folder, byte[] name, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    private static partial int RenameAt(SafeFileHandle folder, byte[] name, SafeFileHandle to, byte[] newName);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle file, int operation);
}
