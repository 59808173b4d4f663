using System.Globalization;
using System.Runtime.InteropServices;

namespace Lazaret.Node.Linux;

/// <summary>Gives up root's rights for those of another user, for good.</summary>
internal static partial class ProcessUser
{
    /// <summary>As whom this process goes on; null where it is still who started it.</summary>
    public static string? Taken { get; private set; }

    /// <summary>
    /// Takes the user's id, group and further groups, and their home. Every thread changes (libc sends each of them a signal), so that no file is made as root from here on.
    /// </summary>
    /// <param name="group">The group of a user whom the system does not know by name.</param>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public static void Become(uint user, uint group)
    {
        DeleteDiagnostics();
        if (Find(user) is { } entry)
        {
            group = entry.Group;
            LinuxCalls.Check(SetGroupsOf(entry.Name, group), "initgroups");
            Environment.SetEnvironmentVariable("HOME", entry.Home);
            Environment.SetEnvironmentVariable("USER", entry.Name);
            Environment.SetEnvironmentVariable("LOGNAME", entry.Name);
        }
        else
        {
            LinuxCalls.Check(SetGroups(1, [group]), "setgroups");
        }

        LinuxCalls.Check(SetGroup(group), "setgid");
        LinuxCalls.Check(SetUser(user), "setuid");
        Taken = Find(user)?.Name ?? string.Create(CultureInfo.InvariantCulture, $"{user}");
        // Otherwise the files of this process in /proc would still belong to root, and it could set up no sandbox.
        const int SetDumpable = 4;
        LinuxCalls.Check(Control(SetDumpable, 1, 0, 0, 0), "prctl");
    }

    // The runtime's sockets for debuggers in the temporary folder: this process will not be able to delete them at its end.
    private static void DeleteDiagnostics()
    {
        foreach (var kind in (string[])["dotnet-diagnostic", "clr-debug-pipe"])
        {
            foreach (var file in Directory.EnumerateFileSystemEntries(Path.GetTempPath(), $"{kind}-{Environment.ProcessId}-*"))
                File.Delete(file);
        }
    }

    private static (string Name, uint Group, string Home)? Find(uint user)
    {
        var entry = GetEntry(user);
        if (entry == 0)
            return null;
        var found = Marshal.PtrToStructure<Entry>(entry);
        return (Marshal.PtrToStringUTF8(found.Name)!, found.Group, Marshal.PtrToStringUTF8(found.Home)!);
    }

    [LibraryImport("libc", EntryPoint = "getpwuid")]
    private static partial nint GetEntry(uint user);

    [LibraryImport("libc", EntryPoint = "initgroups", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetGroupsOf(string name, uint group);

    [LibraryImport("libc", EntryPoint = "setgroups", SetLastError = true)]
    private static partial int SetGroups(nuint count, uint[] groups);

    [LibraryImport("libc", EntryPoint = "setgid", SetLastError = true)]
    private static partial int SetGroup(uint group);

    [LibraryImport("libc", EntryPoint = "setuid", SetLastError = true)]
    private static partial int SetUser(uint user);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, ulong a, ulong b, ulong c, ulong d);

    /// <summary><c>struct passwd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Entry
    {
        public readonly nint Name;
        private readonly nint _password;
        public readonly uint User;
        public readonly uint Group;
        private readonly nint _comment;
        public readonly nint Home;
        private readonly nint _shell;
    }
}
