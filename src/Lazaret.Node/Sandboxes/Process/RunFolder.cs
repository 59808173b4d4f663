using Lazaret.Node.Linux;
using Microsoft.Win32.SafeHandles;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Sandboxes.Process;

/// <summary>
/// A run's own folder on the host, deleted when the run ends. It may hold patient data. So it is on a tmpfs wherever there is one, in a
/// folder that only the node's user may enter.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private readonly LockedFolder _folder;

    private RunFolder(LockedFolder folder) => _folder = folder;

    /// <summary>The program's own folder.</summary>
    public string Work => Path.Join(_folder.Path, "work");

    /// <exception cref="SandboxException">The folder of these folders is not the node's alone.</exception>
    public static RunFolder Make(string run)
    {
        var folder = new RunFolder(LockedFolder.Make(OpenParent(), $"{run}-"));
        try
        {
            Directory.CreateDirectory(folder.Work);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Deletes the folders of runs that no process of this machine can still be in.</summary>
    /// <exception cref="SandboxException">The folder of these folders is not the node's alone.</exception>
    public static void Sweep() => LockedFolder.Sweep(OpenParent(), "");

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Where these folders lie, made where it is not there. /run is root's alone, and the folder that XDG_RUNTIME_DIR names its user's;
    /// without those, a name that somebody else may have taken first.
    /// </summary>
    internal static string OpenParent()
    {
        var (root, steps) = Candidates().First(candidate => IsMemory(candidate.Root) || candidate.Root == Path.GetTempPath());
        return OpenParent(root, steps);
    }

    /// <summary>Folders one below the other, the last of them closed to everybody else.</summary>
    internal static string OpenParent(string root, params string[] steps)
    {
        var path = Path.Join([root, .. steps]);
        try
        {
            var folder = OpenTrustedFolder(root);
            foreach (var step in steps)
            {
                using var parent = folder;
                MakeFolder(parent, EntryName(step));
                folder = OpenEntry(parent, EntryName(step)) ?? throw Failed("openat");
                CheckOwn(folder, path, isLast: step == steps[^1]);
            }

            folder.Dispose();
            return path;
        }
        catch (IOException e)
        {
            throw NotOurs(path, e);
        }
    }

    private static IEnumerable<(string Root, string[] Steps)> Candidates()
    {
        if (User == 0)
            yield return ("/run", ["lazaret", "runs"]);
        else if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } own && Directory.Exists(own) && Status(own).User == User)
            yield return (own, ["lazaret-runs"]);
        yield return ("/dev/shm", [$"lazaret-{User}"]);
        yield return (Path.GetTempPath(), [$"lazaret-{User}"]);
    }

    private static void CheckOwn(SafeFileHandle folder, string path, bool isLast)
    {
        var status = Status(folder);
        if (!status.IsFolder || status.User != User || (status.Permissions & (isLast ? OwnFile.Others : OwnFile.WrittenByOthers)) != 0)
            throw NotOurs(path, cause: null);
    }

    private static SandboxException NotOurs(string path, Exception? cause) =>
        new($"{path}, where runs have their folders, is a link, another user's, or open to others: look who made it, and remove it", cause);

    private static bool IsMemory(string folder) => Directory.Exists(folder) && new DriveInfo(folder).DriveFormat is "tmpfs" or "ramfs";
}
