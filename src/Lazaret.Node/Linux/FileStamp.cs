namespace Lazaret.Node.Linux;

/// <summary>Shows that a file was changed or replaced, by which no program can keep it as it was: when the kernel last changed it, and which file it is.</summary>
internal readonly record struct FileStamp(ulong Inode, ulong Size, LinuxCalls.Instant Changed)
{
    /// <summary>Of what a path leads to; null when there is nothing to be seen.</summary>
    public static FileStamp? Of(string path)
    {
        try
        {
            var status = LinuxCalls.Status(path);
            return new FileStamp(status.Inode, status.Size, status.Changed);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
