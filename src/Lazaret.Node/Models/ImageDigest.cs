using System.Globalization;
using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Sandboxes;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Models;

/// <summary>
/// The identity of a root folder: SHA-256 over its entries in ordinal order of their paths, one line each,
/// <c>f r|x SIZE SHA256 PATH</c> for a file, <c>d PATH</c> for a folder, <c>l TARGET PATH</c> for a link.
/// </summary>
public static class ImageDigest
{
    /// <exception cref="InvalidDataException">The folder holds what no image may: a device, a socket, a link that leaves it.</exception>
    public static string Of(string root)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var folder = LinuxCalls.OpenFolder(root);
        foreach (var entry in Entries(root))
            hash.AppendData(Encoding.UTF8.GetBytes(Line(root, folder, entry)));
        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Whether the folder is there and has this digest.</summary>
    public static bool Matches(string root, string digest)
    {
        try
        {
            return Directory.Exists(root) && Of(root) == digest;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>
    /// What the file system knows of every entry: cheap, and another as soon as one is written, renamed, added or taken away. It means
    /// something on this machine alone.
    /// </summary>
    public static string Fingerprint(string root)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var folder = LinuxCalls.OpenFolder(root);
        foreach (var entry in Entries(root))
        {
            var path = Path.GetRelativePath(root, entry.FullName);
            var status = LinuxCalls.Status(folder, path);
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{status.Inode} {status.Mode} {status.Size} {status.Modified} {status.Changed} {path}\0")));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Whether a program inside would find a file at this absolute path.</summary>
    public static bool HoldsFile(string root, string path)
    {
        using var folder = LinuxCalls.OpenFolder(root);
        using var file = LinuxCalls.OpenInRoot(folder, path);
        return file is not null && LinuxCalls.Status(file).IsRegularFile;
    }

    /// <summary>Copies a root folder, entry by entry, as <see cref="Of"/> sees it; the copy cannot be written to.</summary>
    public static void Copy(string root, string target)
    {
        Directory.CreateDirectory(target);
        File.SetUnixFileMode(target, Folder);
        foreach (var entry in Entries(root))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(root, entry.FullName));
            if (entry.LinkTarget is { } link)
            {
                File.CreateSymbolicLink(copy, link);
            }
            else if (entry is FileInfo file)
            {
                file.CopyTo(copy);
                File.SetUnixFileMode(copy, (file.UnixFileMode & Executable) == 0 ? ReadOnly : ReadOnly | Executable);
            }
            else
            {
                Directory.CreateDirectory(copy);
                File.SetUnixFileMode(copy, Folder);
            }
        }
    }

    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode Folder = ReadOnly | Executable | UnixFileMode.UserWrite;

    private static List<FileSystemInfo> Entries(string root)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };
        // .NET would walk through links to folders, and so out of the image.
        var entries = new FileSystemEnumerable<FileSystemInfo>(root, (ref entry) => entry.ToFileSystemInfo(), options)
        {
            ShouldRecursePredicate = (ref entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
        }.ToList();
        entries.Sort((a, b) => string.CompareOrdinal(a.FullName, b.FullName));
        return entries;
    }

    private static string Line(string root, SafeFileHandle folder, FileSystemInfo entry)
    {
        var path = Path.GetRelativePath(root, entry.FullName);
        if (path.Contains('\n', StringComparison.Ordinal) || entry.LinkTarget?.Contains('\n', StringComparison.Ordinal) == true)
            throw new InvalidDataException("the image holds a name with a line break");
        if (entry.LinkTarget is { } link)
        {
            if (Leaves(path, link))
                throw new InvalidDataException($"the image holds a link that leaves it: {path}");
            return $"l {link} {path}\n";
        }

        if (entry is DirectoryInfo)
            return $"d {path}\n";

        // Opened so that a FIFO does not block and no link is followed.
        using var file = LinuxCalls.OpenUntrusted(folder, path);
        if (file is null || !LinuxCalls.Status(file).IsRegularFile)
            throw new InvalidDataException($"the image holds a file that cannot be read, or is neither regular, folder nor link: {path}");
        using var stream = new FileStream(file, FileAccess.Read);
        var mode = (entry.UnixFileMode & Executable) == 0 ? "r" : "x";
        return string.Create(CultureInfo.InvariantCulture, $"f {mode} {stream.Length} {Convert.ToHexStringLower(SHA256.HashData(stream))} {path}\n");
    }

    // The image is the program's root: an absolute link begins there.
    private static bool Leaves(string path, string link)
    {
        var depth = link.StartsWith('/') ? 0 : path.Count(character => character == '/');
        foreach (var step in link.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            depth += step switch { "." => 0, ".." => -1, _ => 1 };
            if (depth < 0)
                return true;
        }

        return false;
    }
}
