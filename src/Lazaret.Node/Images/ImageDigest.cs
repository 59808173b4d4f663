using System.Globalization;
using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Sandboxes;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Images;

/// <summary>
/// The identity of a root folder: SHA-256 over its entries in ordinal order of their paths, one line each,
/// <c>f r|x SIZE SHA256 PATH</c> for a file, <c>d PATH</c> for a folder, <c>l LENGTH TARGET PATH</c> for a link, LENGTH being TARGET's in bytes:
/// either may hold spaces.
/// </summary>
public static class ImageDigest
{
    private static readonly ImageLimits Unbounded = new() { Depth = int.MaxValue };

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

    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Everything below a folder, in ordinal order of the paths.</summary>
    internal static List<FileSystemInfo> Entries(string root)
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
        var steps = ImagePath.Steps(path, Unbounded);
        if (entry.LinkTarget is { } link)
        {
            ImagePath.CheckLink(steps, link);
            return string.Create(CultureInfo.InvariantCulture, $"l {Encoding.UTF8.GetByteCount(link)} {link} {path}\n");
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
}
