using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Lazaret.Node.Models;

/// <summary>
/// The identity of a root folder: SHA-256 over its entries in ordinal order of their paths, one line each,
/// <c>f MODE SIZE SHA256 PATH</c> for a file, <c>d MODE PATH</c> for a folder, <c>l TARGET PATH</c> for a link.
/// </summary>
public static class ImageDigest
{
    /// <exception cref="InvalidDataException">The folder holds what no image may: a device, a socket, a link that leaves it.</exception>
    public static string Of(string root)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in Entries(root))
            hash.AppendData(Encoding.UTF8.GetBytes(Line(root, entry)));
        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Copies a root folder, entry by entry, as <see cref="Of"/> sees it; the copy cannot be written to.</summary>
    public static void Copy(string root, string target)
    {
        Directory.CreateDirectory(target);
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
            }
        }
    }

    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static IEnumerable<FileSystemInfo> Entries(string root)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };
        var entries = new DirectoryInfo(root).EnumerateFileSystemInfos("*", options).ToList();
        entries.Sort((a, b) => string.CompareOrdinal(a.FullName, b.FullName));
        return entries;
    }

    private static string Line(string root, FileSystemInfo entry)
    {
        var path = Path.GetRelativePath(root, entry.FullName);
        if (path.Contains('\n', StringComparison.Ordinal))
            throw new InvalidDataException("the image holds a name with a line break");
        if (entry.LinkTarget is { } link)
        {
            var reached = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(entry.FullName)!, link));
            if (Path.IsPathRooted(link) || !reached.StartsWith(Path.GetFullPath(root) + '/', StringComparison.Ordinal))
                throw new InvalidDataException($"the image holds a link that leaves it: {path}");
            return $"l {link} {path}\n";
        }

        if (entry is DirectoryInfo)
            return $"d {path}\n";
        if ((entry.Attributes & FileAttributes.Device) != 0 || !IsRegular(entry.FullName))
            throw new InvalidDataException($"the image holds a file that is neither regular, folder nor link: {path}");
        using var stream = File.OpenRead(entry.FullName);
        var mode = (entry.UnixFileMode & Executable) == 0 ? "r" : "x";
        return string.Create(CultureInfo.InvariantCulture, $"f {mode} {stream.Length} {Convert.ToHexStringLower(SHA256.HashData(stream))} {path}\n");
    }

    // Opening a FIFO would block: File.GetAttributes reports neither FIFOs nor sockets, but both are no Normal files of any size.
    private static bool IsRegular(string path) => UnixFiles.IsRegular(path);
}
