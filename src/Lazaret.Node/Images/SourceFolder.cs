using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Images;

/// <summary>
/// The folder that a stranger's manifest lies in, held open. What the manifest names is found strictly below it, on a way without links,
/// and read through what was opened then; and it belongs to whom the manifest belongs. So whoever registers a program, as root perhaps,
/// takes nothing into an image that the manifest's author could not have put there.
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
    /// <param name="text">What was read there before.</param>
    /// <exception cref="InvalidDataException">By now there is something else.</exception>
    public static SourceFolder Of(string manifestFile, string text)
    {
        var full = Path.GetFullPath(manifestFile);
        var folder = new SourceFolder(OpenTrustedFolder(Path.GetDirectoryName(full)!), "the manifest's folder");
        try
        {
            using var manifest = folder.Open(Path.GetFileName(full));
            using var reader = new StreamReader(manifest.Read());
            if (manifest.Status.Size > ((ulong)text.Length + 1) * 4 || reader.ReadToEnd() != text)
                throw new InvalidDataException("the manifest changed while it was read");
            folder._owner = manifest.Status.User == 0 || manifest.Status.User == User ? null : manifest.Status.User;
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>A folder that the caller chose, and whatever is in it.</summary>
    public static SourceFolder Trusted(string folder) => new(OpenTrustedFolder(folder), folder);

    /// <summary>A folder that was found in another, of which the same holds.</summary>
    public static SourceFolder In(SourceEntry folder) => new(OpenAnew(folder.Handle), folder.Path) { _owner = folder.Status.User };

    /// <summary>A file or folder.</summary>
    /// <exception cref="InvalidDataException">It lies elsewhere, a link is on the way, it is neither, or it is not the author's.</exception>
    public SourceEntry Open(string path) => Find(path, out var why) ?? throw new InvalidDataException(why);

    /// <summary>The same; null where it says why there is nothing, and an exception only where there is something that may not be taken.</summary>
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

    // Before it is opened: to open a device may do something.
    private static string WhyNot(SafeFileHandle folder, string name, bool isLast, string shown) => TryStatus(folder, EntryName(name)) switch
    {
        null => $"there is no folder or file {shown}",
        { IsLink: true } => $"{shown} is a link, or a link is on the way to it: none is followed",
        { IsFolder: true } => "",
        { IsRegularFile: true } when isLast => "",
        _ => $"{shown} is neither a regular file nor a folder",
    };

    // What was looked at before it was opened may be another by now.
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
