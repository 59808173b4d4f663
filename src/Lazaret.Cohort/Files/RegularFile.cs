using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Cohort.Files;

/// <summary>
/// Opens a file that a stranger may have put there. Links are followed; what they lead to must be a regular file. Opening never waits,
/// as opening a pipe would, and the size is known before a byte is read.
/// </summary>
public static partial class RegularFile
{
    // Constants of x86-64 Linux.
    private const int ReadNonBlocking = 0x800 | 0x100 | 0x8_0000; // O_RDONLY, O_NONBLOCK, O_NOCTTY, O_CLOEXEC
    private const int CurrentFolder = -100;
    private const int EmptyPath = 0x1000;
    private const uint TypeAndSize = 0x201;
    private const int TypeMask = 0xf000;
    private const int Regular = 0x8000;
    private const int Folder = 0x4000;

    /// <exception cref="RegularFileException">It is no regular file.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FileStream Open(string path)
    {
        // Looked at before it is opened, too: opening alone starts some devices.
        Check(Look(CurrentFolder, path, 0, TypeAndSize, out var before));
        Refuse(before);
        var descriptor = OpenFile(path, ReadNonBlocking);
        Check(descriptor);
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            Check(Look(handle, "", EmptyPath, TypeAndSize, out var opened));
            Refuse(opened);
            return new FileStream(handle, FileAccess.Read, bufferSize: 0);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <exception cref="RegularFileException">It is no regular file, or is larger.</exception>
    /// <inheritdoc cref="Open" path="/exception"/>
    public static byte[] ReadAllBytes(string path, int maxBytes)
    {
        using var file = Open(path);
        return ReadAllBytes(file, maxBytes);
    }

    /// <summary>The whole of an opened file.</summary>
    /// <exception cref="RegularFileException">It is larger.</exception>
    public static byte[] ReadAllBytes(FileStream file, int maxBytes)
    {
        if (file.Length > maxBytes)
            throw TooLarge(maxBytes);
        // One byte more than its length, since it may have grown meanwhile. A file of /proc has the length 0, whatever it holds.
        var bytes = new byte[(int)Math.Min(Math.Max(file.Length, 4096) + 1, (long)maxBytes + 1)];
        var length = 0;
        while (file.ReadAtLeast(bytes.AsSpan(length), bytes.Length - length, throwOnEndOfStream: false) is var read and > 0)
        {
            length += read;
            if (length > maxBytes)
                throw TooLarge(maxBytes);
            if (length == bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(2L * length, (long)maxBytes + 1));
        }

        Array.Resize(ref bytes, length);
        return bytes;
    }

    private static RegularFileException TooLarge(int maxBytes) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"is larger than {(maxBytes % (1 << 20) == 0 ? $"{maxBytes >> 20} MiB" : $"{maxBytes >> 10} KiB")}"));

    private static void Refuse(in FileStatus status)
    {
        if ((status.Mode & TypeMask) != Regular)
            throw new RegularFileException((status.Mode & TypeMask) == Folder ? "is a folder" : "is no regular file");
    }

    private static void Check(int result)
    {
        if (result >= 0)
            return;
        var error = Marshal.GetLastPInvokeError();
        throw error switch
        {
            2 or 20 => new FileNotFoundException("there is no such file"), // ENOENT, ENOTDIR
            1 or 13 => new UnauthorizedAccessException("may not be read"), // EPERM, EACCES
            6 => new RegularFileException("is no regular file"), // ENXIO: a socket
            _ => new IOException(Marshal.GetPInvokeErrorMessage(error)),
        };
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Look(int folder, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Look(SafeFileHandle file, string path, int flags, uint mask, out FileStatus status);

    /// <summary>Of <c>struct statx</c>, what is asked here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(28)]
        public ushort Mode;
    }
}
