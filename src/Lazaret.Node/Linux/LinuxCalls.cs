using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Linux;

/// <summary>
/// The few calls of Linux that .NET does not offer. Constants are those of x86-64. A call that fails throws an <see cref="IOException"/>, whose
/// <see cref="Exception.HResult"/> is the error number, as that of .NET's own files is.
/// </summary>
internal static partial class LinuxCalls
{
    private const int AtCurrentFolder = -100;
    private const int AtSymlinkNoFollow = 0x100;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxBasic = 0x7ff;
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const ulong OpenNonBlocking = 0x800;
    private const ulong OpenFolderOnly = 0x1_0000;
    private const ulong OpenNoFollow = 0x2_0000;
    private const ulong OpenCloseOnExec = 0x8_0000;
    private const ulong OpenPathOnly = 0x20_0000;
    private const ulong ResolveNoSymlinks = 4;
    private const ulong ResolveBeneath = 8;
    private const ulong ResolveInRoot = 0x10;

    /// <summary>Marks everything this process has open, its standard streams apart, to be closed in the programs it starts.</summary>
    internal static void CloseDescriptorsOnExec()
    {
        const uint CloseRangeCloseOnExec = 4;
        Check(Syscall(436, 3, uint.MaxValue, CloseRangeCloseOnExec, 0), "close_range");
    }

    /// <summary>A handle on a process that stays on that process even when its id is given to another.</summary>
    internal static SafeFileHandle OpenProcess(int id) => new((nint)Check(Syscall(434, id, 0, 0, 0), "pidfd_open"), ownsHandle: true);

    /// <summary>Kills the process, and with it, where it is the first of a pid namespace, everything in there. One that is gone is fine.</summary>
    internal static void Kill(SafeFileHandle process)
    {
        const int NoSuchProcess = 3;
        if (WithHandle(process, handle => Syscall(424, handle, SigKill, 0, 0)) < 0 && Marshal.GetLastPInvokeError() != NoSuchProcess)
            throw Failed("pidfd_send_signal");
    }

    /// <summary>Kills a child that has not been waited for: until then, its id is given to no other process.</summary>
    internal static void Kill(int child) => _ = NativeKill(child, SigKill);

    /// <summary>Asks a child that has not been waited for to end.</summary>
    internal static void Terminate(int child) => _ = NativeKill(child, SigTerm);

    /// <summary>Kills a process group; false when there is none, or none left.</summary>
    internal static bool KillGroup(int id) => NativeKill(-id, SigKill) == 0;

    /// <summary>A handle on a folder, valid even after the folder's mount namespace has ended. What is below can be opened by it; it cannot be read.</summary>
    internal static SafeFileHandle OpenFolder(string path) =>
        Open(path, OpenPathOnly | OpenFolderOnly) ?? throw Failed($"openat {path}");

    /// <summary>
    /// Opens a file in a folder that a program may have written: no link is followed, nothing blocks. Null when there is nothing that can be
    /// opened. What was opened may be anything but a link.
    /// </summary>
    internal static SafeFileHandle? OpenUntrusted(SafeFileHandle folder, string name) =>
        Open(folder, name, new OpenHow(OpenNonBlocking | OpenNoFollow | OpenCloseOnExec, 0, ResolveNoSymlinks | ResolveBeneath));

    /// <summary>
    /// What a path names when <paramref name="folder"/> is the root, links included: as a program inside would find it. Null when there is
    /// nothing. It can be looked at, not read.
    /// </summary>
    internal static SafeFileHandle? OpenInRoot(SafeFileHandle folder, string path) =>
        Open(folder, path, new OpenHow(OpenPathOnly | OpenCloseOnExec, 0, ResolveInRoot));

    /// <summary>Gives a file a second name.</summary>
    internal static void Link(string file, string name) => Check(NativeLink(file, name), "link");

    /// <summary>Of an entry below a folder; of a link itself, not of what it leads to. Null when it is not there, or not to be seen.</summary>
    internal static FileStatus? TryStatus(SafeFileHandle folder, string path) =>
        Statx(folder, path, AtSymlinkNoFollow, StatxBasic, out var status) < 0 ? null : status;

    /// <summary>The first bytes of a file: as many as asked for, or fewer if the file ends before.</summary>
    internal static ReadOnlyMemory<byte> Read(SafeFileHandle file, int size)
    {
        var bytes = new byte[size];
        var length = 0;
        while (length < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(length), length) is var count and > 0)
            length += count;
        return bytes.AsMemory(0, length);
    }

    /// <summary>Of what a path leads to.</summary>
    internal static FileStatus Status(string path)
    {
        Check(StatxAt(AtCurrentFolder, path, 0, StatxBasic, out var status), "statx");
        return status;
    }

    internal static FileStatus Status(SafeFileHandle file)
    {
        Check(Statx(file, "", AtEmptyPath, StatxBasic, out var status), "statx");
        return status;
    }

    private static SafeFileHandle? Open(SafeFileHandle folder, string path, OpenHow how)
    {
        var added = false;
        try
        {
            folder.DangerousAddRef(ref added);
            var descriptor = OpenAt2(437, (int)folder.DangerousGetHandle(), path, in how, (nuint)Marshal.SizeOf<OpenHow>());
            return descriptor < 0 ? null : new SafeFileHandle((nint)descriptor, ownsHandle: true);
        }
        finally
        {
            if (added)
                folder.DangerousRelease();
        }
    }

    internal static long Check(long result, string call) =>
        result >= 0 ? result : throw Failed(call);

    /// <summary>The fault of the last call.</summary>
    internal static IOException Failed(string call) => Failed(call, Marshal.GetLastPInvokeError());

    internal static IOException Failed(string call, int error) => new($"{call}: {Marshal.GetPInvokeErrorMessage(error)}", error);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, long a, long b, long c, long d);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long OpenAt2(long number, long folder, string path, in OpenHow how, nuint size);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int NativeKill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeLink(string file, string name);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(SafeFileHandle folder, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int NativeChangeOwner(SafeFileHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxAt(int folder, string path, int flags, uint mask, out FileStatus status);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct OpenHow(ulong Flags, ulong Mode, ulong Resolve);

    /// <summary>The head of <c>struct statx</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal partial struct FileStatus
    {
        private const int TypeMask = 0xf000;
        private const int FolderType = 0x4000;
        private const int RegularType = 0x8000;
        private const int LinkType = 0xa000;
        private const ulong MountRoot = 0x2000;

        [FieldOffset(8)]
        public ulong Attributes;

        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(20)]
        public uint User;

        [FieldOffset(24)]
        public uint Group;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        /// <summary>When anything of it last changed, mode and names included; no program can set it.</summary>
        [FieldOffset(96)]
        public Instant Changed;

        [FieldOffset(112)]
        public Instant Modified;

        /// <summary>Its number, major and minor, of the file system's device.</summary>
        [FieldOffset(136)]
        public ulong Device;

        public readonly UnixFileMode Permissions => (UnixFileMode)(Mode & 0xfff);

        public readonly bool IsRegularFile => (Mode & TypeMask) == RegularType;

        public readonly bool IsFolder => (Mode & TypeMask) == FolderType;

        public readonly bool IsLink => (Mode & TypeMask) == LinkType;

        /// <summary>Whether something is mounted here. Kernels before 5.8 do not say; then another <see cref="Device"/> does.</summary>
        public readonly bool IsMountPoint => (Attributes & MountRoot) != 0;
    }

    /// <summary><c>struct statx_timestamp</c>.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    internal readonly record struct Instant(long Seconds, uint Nanoseconds);
}
