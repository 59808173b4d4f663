using System.Globalization;
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
        var entries = new DirectoryInfo(root).EnumerateFileSystemInfos("*", options).ToList();
        entries.Sort((a, b) => string.CompareOrdinal(a.FullName, b.FullName));
        return entries;
    }

    private static string Line(string root, SafeFileHandle folder, FileSystemInfo entry)
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

        // Opened so that a FIFO does not block and no link is followed.
        using var file = LinuxCalls.OpenUntrusted(folder, path);
        if (file is null || !LinuxCalls.Status(file).IsRegularFile)
            throw new InvalidDataException($"the image holds a file that cannot be read, or is neither regular, folder nor link: {path}");
        using var stream = new FileStream(file, FileAccess.Read);
        var mode = (entry.UnixFileMode & Executable) == 0 ? "r" : "x";
        return string.Create(CultureInfo.InvariantCulture, $"f {mode} {stream.Length} {Convert.ToHexStringLower(SHA256.HashData(stream))} {path}\n");
    }
}
