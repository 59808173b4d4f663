using Lazaret.Node.Linux;

namespace Lazaret.Node.Cli.Init;

/// <summary>A folder as it was before a command wrote into it, so that nothing is left where the command fails.</summary>
internal sealed class UndoneFolder(string path)
{
    private readonly string? _madeFrom = FirstMissing(path);
    private readonly HashSet<string> _before = Directory.Exists(path) ? [.. Directory.EnumerateFileSystemEntries(path)] : [];

    /// <summary>Deletes what was not there before. What cannot be deleted stays.</summary>
    public void Undo()
    {
        // A working folder that is deleted would be in the way of whatever the process still does.
        Directory.SetCurrentDirectory("/");
        try
        {
            if (_madeFrom is not null && Directory.Exists(_madeFrom))
                FolderDeletion.Delete(_madeFrom);
            foreach (var entry in Directory.Exists(path) ? Directory.GetFileSystemEntries(path).Where(entry => !_before.Contains(entry)) : [])
            {
                if (Directory.Exists(entry))
                    FolderDeletion.Delete(entry);
                else
                    File.Delete(entry);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The fault that led here is the one that is told.
        }
    }

    /// <summary>The uppermost folder on the way that is not there; null where all are.</summary>
    private static string? FirstMissing(string path)
    {
        string? missing = null;
        for (string? at = path; at is not null && !Directory.Exists(at); at = Path.GetDirectoryName(at))
            missing = at;
        return missing;
    }
}
