using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Tests.Cohorts;

/// <summary>A mount whose server does not answer, as that of a network file system that is cut off: one of FUSE that nobody serves.</summary>
internal sealed partial class HungMount : IDisposable
{
    private const int Detach = 2;

    private readonly string _path;
    private readonly SafeFileHandle _server;

    /// <param name="path">A folder; whoever looks into it from now on waits.</param>
    public HungMount(string path)
    {
        _path = path;
        _server = File.OpenHandle("/dev/fuse", FileMode.Open, FileAccess.ReadWrite);
        if (Mount("lazaret-test", path, "fuse", 0, $"fd={_server.DangerousGetHandle()},rootmode=40000,user_id=0,group_id=0") != 0)
            throw new InvalidOperationException($"mount: error {Marshal.GetLastPInvokeError()}");
    }

    public static bool IsPossible => Environment.IsPrivilegedProcess && File.Exists("/dev/fuse");

    /// <summary>From now on every call fails (ENOTCONN), and those that wait end.</summary>
    public void Break() => _server.Dispose();

    public void Dispose()
    {
        _server.Dispose();
        _ = Unmount(_path, Detach);
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unmount(string target, int flags);
}
