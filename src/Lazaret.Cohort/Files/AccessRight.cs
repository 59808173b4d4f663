using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Files;

/// <summary>What this process's user may do with a file, as the kernel judges it (faccessat): groups, access lists and the folders on the way count.</summary>
public static partial class AccessRight
{
    private const int CurrentFolder = -100;
    private const int ByEffectiveUser = 0x200;
    private const int Read = 4;
    private const int Write = 2;
    private const int PermissionDenied = 13;

    /// <summary>True where the user may not read the file, or may not pass a folder on the way to it; false where they may, and where there is no such file.</summary>
    public static bool IsReadRefused(string path) => IsRefused(path, Read);

    /// <summary>True where the user may not write the file; false where they may, where its disk is mounted for reading alone, and where there is no such file.</summary>
    public static bool IsWriteRefused(string path) => IsRefused(path, Write);

    private static bool IsRefused(string path, int mode) => Access(CurrentFolder, path, mode, ByEffectiveUser) != 0 && Marshal.GetLastPInvokeError() == PermissionDenied;

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(int folder, string path, int mode, int flags);
}
