using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Tests.Conformance;

/// <summary>A file, and what of it the kernel has in memory.</summary>
internal sealed partial record CachedFile(string Path)
{
    private const int PageSize = 4096;

    /// <summary>How many of its pages are not in memory.</summary>
    public int Missing()
    {
        using var file = File.OpenHandle(Path);
        var length = (nuint)RandomAccess.GetLength(file);
        var pages = new byte[(length + PageSize - 1) / PageSize];
        const int ProtectionRead = 1;
        const int Shared = 1;
        var at = Map(0, length, ProtectionRead, Shared, file, 0);
        Assert.NotEqual(-1, at);
        Assert.Equal(0, Residency(at, length, pages));
        Assert.Equal(0, Unmap(at, length));
        return pages.Count(page => (page & 1) == 0);
    }

    /// <summary>Takes it out of memory, as want of memory would; false on a file system that lies there alone.</summary>
    public bool Evict()
    {
        const int DontNeed = 4;
        using (var file = File.OpenHandle(Path))
        {
            // What is not on the disk yet stays.
            RandomAccess.FlushToDisk(file);
            Assert.Equal(0, Advise(file, 0, 0, DontNeed));
        }

        return Missing() > 0;
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, SafeFileHandle file, long offset);

    [LibraryImport("libc", EntryPoint = "mincore")]
    private static partial int Residency(nint address, nuint length, byte[] pages);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
