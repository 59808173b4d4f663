using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes;

/// <summary>What lies at a path, and whose it is: of a link itself, never of what it leads to.</summary>
internal static partial class LinuxCalls
{
    private const int NoSuchEntry = 2;

    /// <summary>The user that this process acts as.</summary>
    internal static uint User => (uint)Syscall(107, 0, 0, 0, 0);

    /// <summary>Null when there is nothing.</summary>
    internal static FileStatus? StatusOfEntry(string path)
    {
        if (StatxAt(AtCurrentFolder, path, AtSymlinkNoFollow, StatxBasic, out var status) == 0)
            return status;
        return Marshal.GetLastPInvokeError() == NoSuchEntry ? null : throw Failed(path);
    }

    /// <summary>Opens a file or a folder for reading. A link is refused, and a FIFO does not block. Null when there is nothing.</summary>
    internal static SafeFileHandle? OpenEntry(string path)
    {
        if (Open(AtCurrentFolder, path, new OpenHow(OpenNonBlocking | OpenNoFollow | OpenCloseOnExec, 0, 0)) is { } entry)
            return entry;
        return Marshal.GetLastPInvokeError() == NoSuchEntry ? null : throw Failed(path);
    }

    /// <summary>False where this process may not: root of a user namespace that does not have the group, or root without capabilities.</summary>
    internal static bool TryChangeGroup(SafeFileHandle file, int group)
    {
        const uint SameUser = uint.MaxValue;
        return NativeChangeOwner(file, SameUser, (uint)group) == 0;
    }

    internal partial struct FileStatus
    {
        private const int FolderType = 0x4000;
        private const int LinkType = 0xa000;

        public readonly bool IsFolder => (Mode & TypeMask) == FolderType;

        public readonly bool IsLink => (Mode & TypeMask) == LinkType;

        public readonly UnixFileMode Permissions => (UnixFileMode)(Mode & 0xfff);
    }
}
