using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Linux;

/// <summary>What the kernel keeps of files in memory.</summary>
internal static partial class LinuxCalls
{
    /// <summary>Whether all pages of a part of a file are in memory. Kernels before 6.5 do not say; then the answer is false.</summary>
    internal static bool IsInMemory(SafeFileHandle file, long offset, long length)
    {
        const int CacheStat = 451;
        var pages = (ulong)((length + Environment.SystemPageSize - 1) / Environment.SystemPageSize);
        return NativeCacheStat(CacheStat, file, new FileRange((ulong)offset, (ulong)length), out var state, 0) == 0 && state.Cached >= pages;
    }

    /// <summary>Reads all pages of a part of a file into memory: maps them at once, which waits for the disk, and unmaps them.</summary>
    internal static void ReadIn(SafeFileHandle file, long offset, long length)
    {
        const int ProtectionRead = 1;
        const int Shared = 1;
        const int Populate = 0x8000;
        var at = Map(0, (nuint)length, ProtectionRead, Shared | Populate, file, offset);
        if (at == -1)
            throw Failed("mmap");
        Check(Unmap(at, (nuint)length), "munmap");
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, SafeFileHandle file, long offset);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long NativeCacheStat(long number, SafeFileHandle file, in FileRange range, out CacheState state, uint flags);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);

    /// <summary><c>struct cachestat_range</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct FileRange(ulong Offset, ulong Length);

    /// <summary><c>struct cachestat</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct CacheState(ulong Cached, ulong Dirty, ulong Writeback, ulong Evicted, ulong RecentlyEvicted);
}
