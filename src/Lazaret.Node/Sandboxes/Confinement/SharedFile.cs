namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>Files and folders that visitors and their machines read: their user id is not the node's, whose umask may say no.</summary>
internal static class SharedFile
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Gives what is whole its name.</summary>
    public static void Install(string unfinished, string path, bool isProgram = false)
    {
        File.SetUnixFileMode(unfinished, isProgram ? Readable | Executable : Readable);
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Opens files to be read, and folders to be walked through.</summary>
    public static void MakeReadable(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
            File.SetUnixFileMode(path, Directory.Exists(path) ? Readable | Executable : Readable);
    }
}
