using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Files;

/// <summary>Whether this process's user is let in to a file, as the kernel judges it (faccessat): groups, access lists and the folders on the way count.</summary>
public static partial class ReadRight
{
    /// <summary>True where the user may not read the file, or may not pass a folder on the way to it; false where they may, and where there is no such file.</summary>
    public static bool IsRefused(string path)
    {
        const int CurrentFolder = -100;
        const int Read = 4;
        const int ByEffectiveUser = 0x200;
        const int PermissionDenied = 13;
        return Access(CurrentFolder, path, Read, ByEffectiveUser) != 0 && Marshal.GetLastPInvokeError() == PermissionDenied;
    }

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(int folder, string path, int mode, int flags);
}
