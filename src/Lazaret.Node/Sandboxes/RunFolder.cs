namespace Lazaret.Node.Sandboxes;

/// <summary>
/// A run's own folder of the host, <c>lazaret-run-ID-…</c>, gone when the run is. It may hold patient data, and so lies on a tmpfs wherever
/// there is one; what a killed node left is known by a lock that nobody holds, since the kernel drops it with the process.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private const string Prefix = "lazaret-run-";
    private const string Lock = "lock";

    /// <summary>Where these folders lie: in memory, unless the machine has no such place for everybody.</summary>
    internal static readonly string Parent = IsMemory("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    private readonly string _folder;
    private readonly FileStream _held;

    public RunFolder(string run)
    {
        // Named only once it is locked, or a sweep could come in between.
        var unnamed = Path.Join(Parent, $"lazaret-new-{Guid.NewGuid():N}");
        Directory.CreateDirectory(unnamed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _held = new FileStream(Path.Join(unnamed, Lock), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        _folder = Path.Join(Parent, $"{Prefix}{run}-{Path.GetFileName(unnamed)[^6..]}");
        Directory.Move(unnamed, _folder);
        Work = Directory.CreateDirectory(Path.Join(_folder, "work")).FullName;
    }

    /// <summary>The program's own.</summary>
    public string Work { get; }

    /// <summary>Deletes the folders of runs that no process of this machine can still be in.</summary>
    public static void Sweep()
    {
        foreach (var folder in Directory.EnumerateDirectories(Parent, $"{Prefix}*"))
        {
            try
            {
                using (new FileStream(Path.Join(folder, Lock), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                    Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody is in it, or it is another user's.
            }
        }
    }

    private static bool IsMemory(string folder) => Directory.Exists(folder) && new DriveInfo(folder).DriveFormat == "tmpfs";

    public void Dispose()
    {
        using (_held)
            Directory.Delete(_folder, recursive: true);
    }
}
