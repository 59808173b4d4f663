namespace Lazaret.Node.Health;

/// <summary>The room that is left on the file system of a path.</summary>
internal sealed record FreeDisk(long Bytes, long Total)
{
    /// <summary>Null where it cannot be told.</summary>
    public static FreeDisk? Of(string path)
    {
        try
        {
            // Any path of a file system will do (statvfs); one that does not exist yet has that of its parent.
            var at = path;
            while (!Directory.Exists(at))
                at = Path.GetDirectoryName(at) ?? "/";
            var drive = new DriveInfo(at);
            return new FreeDisk(drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
