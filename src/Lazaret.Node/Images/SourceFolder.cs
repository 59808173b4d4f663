using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Images;

/// <summary>
/// The folder of a manifest that a stranger wrote, held open. A file that the manifest names must lie below this folder, with no link in its
/// path, and must have the same owner as the manifest; it is read through the descriptor that was checked. So somebody who registers a
/// program, perhaps as root, takes no file into an image that the manifest's author could not have put there.
/// </summary>
internal sealed class SourceFolder : IDisposable
{
    private readonly SafeFileHandle _folder;
    private readonly string _name;

    // Whose files may be taken; null: everybody's, since the registrar or root wrote the manifest.
    private uint? _owner;

    private SourceFolder(SafeFileHandle folder, string name)
    {
        _folder = folder;
        _name = name;
    }

    /// <summary>The folder of a manifest, whose path the registrar gave.</summary>
    /// <param name="text">The text of the manifest, as it was read before.</param>
    /// <exception cref="InvalidDataException">The manifest has another text by now.</exception>
    public static SourceFolder Of(string manifestFile, string text)
    {
        var full = Path.GetFullPath(manifestFile);
        var folder = new SourceFolder(OpenTrustedFolder(Path.GetDirectoryName(full)!), "the manifest's folder");
        try
        {
            using var manifest = folder.Open(Path.GetFileName(full));
            using var reader = new StreamReader(manifest.Read());
            if (manifest.Status.Size > ((ulong)text.Length + 1) * 4 || reader.ReadToEnd() != text)
                throw SourceEntry.Fault("the manifest", "changed while it was read");
            folder._owner = manifest.Status.User == 0 || manifest.Status.User == User ? null : manifest.Status.User;
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>A folder that the caller chose; the owner of what is in it does not matter.</summary>
    public static SourceFolder Trusted(string folder) => new(OpenTrustedFolder(folder), folder);

    /// <summary>A folder that was opened in another one. What is in it must have the same owner as the folder.</summary>
    public static SourceFolder In(SourceEntry folder) => new(OpenAnew(folder.Handle), folder.Path) { _owner = folder.Status.User };

    /// <summary>A file or folder.</summary>
    /// <exception cref="InvalidDataException">It lies elsewhere, a link is on the way, it is neither, or it is not the author's.</exception>
    public SourceEntry Open(string path) => Find(path, out var why) ?? throw new InvalidDataException(why);

    /// <summary>
    /// Like <see cref="Open"/>, but null, with the reason, when the path leads to nothing that can be opened. It throws only when the entry was
    /// opened and may not be taken.
    /// </summary>
    /// <inheritdoc cref="Open"/>
    public SourceEntry? Find(string path, out string why)
    {
        var shown = ImagePath.Shown(path);
        string[] steps = [.. path.Split('/').Where(step => step is not ("" or "."))];
        why = $"{shown} does not lie below {_name}: name it by a relative path without '..'";
        if (path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal) || steps.Length == 0 || steps.Contains(".."))
            return null;
        var above = _folder;
        try
        {
            for (var i = 0; ; i++)
            {
                var isLast = i == steps.Length - 1;
                why = WhyNot(above, steps[i], isLast, shown);
                if (why.Length > 0)
                    return null;
                var entry = OpenEntry(above, EntryName(steps[i]));
                if (entry is null)
                {
                    why = $"{shown} cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}";
                    return null;
                }

                if (isLast)
                    return Checked(new SourceEntry(entry, shown));
                if (above != _folder)
                    above.Dispose();
                above = entry;
            }
        }
        finally
        {
            if (above != _folder)
                above.Dispose();
        }
    }

    public void Dispose() => _folder.Dispose();

    // This is checked before the entry is opened: opening a device may already have an effect.
    private static string WhyNot(SafeFileHandle folder, string name, bool isLast, string shown) => TryStatus(folder, EntryName(name)) switch
    {
        null => $"there is no folder or file {shown}",
        { IsLink: true } => $"{shown} is a link, or a link is on the way to it: none is followed",
        { IsFolder: true } => "",
        { IsRegularFile: true } when isLast => "",
        _ => $"{shown} is neither a regular file nor a folder",
    };

    // The opened entry is checked again: another may have taken its place since the first check.
    private SourceEntry Checked(SourceEntry entry)
    {
        try
        {
            var owner = _owner ?? entry.Status.User;
            if (!entry.Status.IsFolder)
                SourceEntry.CheckFile(entry.Status, owner, entry.Path, mayHaveNames: false);
            else if (entry.Status.User != owner)
                throw SourceEntry.Anothers(entry.Path);
            return entry;
        }
        catch
        {
            entry.Dispose();
            throw;
        }
    }
}
