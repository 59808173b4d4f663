using System.Runtime.InteropServices;

namespace Lazaret.Tests.Conformance;

/// <summary>
/// Control groups that root makes and gives to an ordinary user, as systemd does for a unit with <c>Delegate=yes</c>: in version 1 one for each
/// controller, in version 2 one for all.
/// </summary>
internal sealed partial class DelegatedGroups : IDisposable
{
    private const string Mount = "/sys/fs/cgroup";

    private DelegatedGroups(string[] folders) => Folders = folders;

    public IReadOnlyList<string> Folders { get; }

    /// <summary>Null where not even root may make any.</summary>
    public static DelegatedGroups? Make(int user)
    {
        var name = $"delegated-{Environment.ProcessId}";
        try
        {
            var isUnified = File.Exists($"{Mount}/cgroup.controllers");
            if (isUnified)
                File.WriteAllText($"{Mount}/cgroup.subtree_control", "+memory +pids +cpu");
            var made = new DelegatedGroups(isUnified ? [$"{Mount}/{name}"] : [.. ((string[])["memory", "pids", "cpu", "cpuacct"]).Select(controller => $"{Mount}/{controller}/{name}")]);
            foreach (var folder in made.Folders)
            {
                Directory.CreateDirectory(folder);
                // An ordinary folder has no such files.
                foreach (var file in (string[])["", "/cgroup.procs", isUnified ? "/cgroup.subtree_control" : "/tasks"])
                {
                    if (ChangeOwner(folder + file, user, user) != 0)
                        throw new IOException($"{folder}{file} is no control group's");
                }
            }

            return made;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        foreach (var folder in Folders)
        {
            foreach (var below in Directory.EnumerateDirectories(folder))
                Directory.Delete(below);
            Directory.Delete(folder);
        }
    }

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, int user, int group);
}
