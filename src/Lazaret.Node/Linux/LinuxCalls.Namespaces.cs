using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Linux;

/// <summary>Namespaces, mounts, pipes. A thread has its own namespaces in Linux, though its process has many threads.</summary>
internal static partial class LinuxCalls
{
    [Flags]
    internal enum Namespaces
    {
        Mount = 0x2_0000,
        Pid = 0x2000_0000,
        Network = 0x4000_0000,
    }

    [Flags]
    internal enum MountOptions : ulong
    {
        None = 0,
        ReadOnly = 1,
        NoSetUid = 2,
        NoDevices = 4,
        Bind = 0x1000,
        Recursive = 0x4000,
        Private = 0x4_0000,
    }

    /// <summary>Gives the calling thread, and what it starts, namespaces of its own. <see cref="StartPlace"/> has what concerns those of process ids.</summary>
    internal static void Unshare(Namespaces namespaces) => Check(Syscall(272, (long)namespaces, 0, 0, 0), "unshare");

    /// <summary>Sets the permissions that new files and folders do not get: for the calling thread if it has a mount namespace of its own, else for the process.</summary>
    internal static void SetUmask(UnixFileMode without) => _ = NativeUmask((uint)without);

    internal static void Mount(string source, string target, string? type, MountOptions options, string? data = null) =>
        Check(NativeMount(source, target, type, (ulong)options, data), $"mount {target}");

    internal static void Unmount(string target)
    {
        const int Detach = 2;
        Check(NativeUnmount(target, Detach), $"umount {target}");
    }

    /// <summary>Makes a mount and every mount below it read only.</summary>
    internal static void MakeReadOnly(string mount)
    {
        const int Recursive = 0x8000;
        Check(MountSetAttributes(442, AtCurrentFolder, mount, Recursive, new MountAttributes(Set: 1 | 2 | 4), (nuint)Marshal.SizeOf<MountAttributes>()), $"mount_setattr {mount}");
    }

    /// <summary>A pipe whose ends are closed in whatever is started, unless they are handed over.</summary>
    internal static (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        Span<int> ends = stackalloc int[2];
        Check(Pipe2(ends, (int)OpenCloseOnExec), "pipe2");
        return (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
    }

    /// <summary>A file in memory, without a name, to be read from its beginning.</summary>
    internal static SafeFileHandle Memory(string text)
    {
        const uint CloseOnExec = 1;
        var file = new SafeFileHandle((nint)Check(MemoryFile(319, "lazaret", CloseOnExec), "memfd_create"), ownsHandle: true);
        try
        {
            RandomAccess.Write(file, Encoding.UTF8.GetBytes(text), fileOffset: 0);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    internal static long WithHandle(SafeHandle handle, Func<nint, long> call)
    {
        var added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            return call(handle.DangerousGetHandle());
        }
        finally
        {
            if (added)
                handle.DangerousRelease();
        }
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeMount(string source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint NativeUmask(uint without);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeUnmount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long MountSetAttributes(long number, long folder, string path, long flags, in MountAttributes attributes, nuint size);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial long MemoryFile(long number, string name, uint flags);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe2(Span<int> ends, int flags);

    /// <summary><c>struct mount_attr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct MountAttributes(ulong Set, ulong Clear = 0, ulong Propagation = 0, ulong UserNamespace = 0);
}
