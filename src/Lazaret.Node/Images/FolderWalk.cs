using System.Text;
using Microsoft.Win32.SafeHandles;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Images;

/// <summary>Goes through everything below an open folder, folders before what they hold, by descriptors: no link is followed.</summary>
internal static class FolderWalk
{
    /// <summary>While an entry is the current one, the folder that it is in is open.</summary>
    public static IEnumerable<WalkedEntry> Of(SafeFileHandle root) => Of(root, "");

    private static IEnumerable<WalkedEntry> Of(SafeFileHandle folder, string path)
    {
        foreach (var name in ReadNames(folder))
        {
            var text = Encoding.UTF8.GetString(name.AsSpan(..^1));
            var entry = new WalkedEntry(path.Length == 0 ? text : $"{path}/{text}", folder, name, Status(folder, name));
            yield return entry;
            if (!entry.Status.IsFolder)
                continue;
            using var below = entry.Open();
            foreach (var inner in Of(below, entry.Path))
                yield return inner;
        }
    }
}

/// <param name="Path">From the root of the walk. Bytes that are no UTF-8 are U+FFFD in it.</param>
/// <param name="Status">Of a link itself.</param>
internal readonly record struct WalkedEntry(string Path, SafeFileHandle Folder, byte[] Name, FileStatus Status)
{
    public string Target => ReadLink(Folder, Name);

    public bool IsExecutable => (Status.Permissions & ImageWriter.Executable) != 0;

    /// <exception cref="InvalidDataException">It cannot be opened, or is a link by now.</exception>
    public SafeFileHandle Open() => OpenEntry(Folder, Name) ?? throw Closed(Failed("openat"));

    private InvalidDataException Closed(IOException why) => ImageFault.Holds($"what cannot be read: {ImagePath.Shown(Path)}: {why.Message}", why);
}
