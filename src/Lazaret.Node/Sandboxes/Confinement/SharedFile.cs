namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>Files and folders that programs and their machines read. Their user id is not the node's, so that others need permission, whatever the node's umask.</summary>
internal static class SharedFile
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Moves a finished file to its final name, readable by others.</summary>
    public static void Install(string unfinished, string path, bool isProgram = false)
    {
        File.SetUnixFileMode(unfinished, isProgram ? Readable | Executable : Readable);
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Lets others read files, and read and enter folders.</summary>
    public static void MakeReadable(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
            File.SetUnixFileMode(path, Directory.Exists(path) ? Readable | Executable : Readable);
    }
}
