using System.Globalization;
using Lazaret.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Images;

/// <summary>
/// The identity of a root folder: SHA-256 over its entries in ordinal order of their paths, one line each,
/// <c>f r|x SIZE SHA256 PATH</c> for a file, <c>d PATH</c> for a folder, <c>l LENGTH TARGET PATH</c> for a link, LENGTH being TARGET's in bytes:
/// either may hold spaces.
/// </summary>
internal static class ImageDigest
{
    /// <exception cref="InvalidDataException">
    /// The folder holds what no image may: a device, a socket, a link that leaves it. Where the operating system refused to open what it
    /// holds, the inner exception says so.
    /// </exception>
    public static string Of(string root)
    {
        using var folder = LinuxCalls.OpenTrustedFolder(root);
        var lines = new DigestLines();
        foreach (var entry in FolderWalk.Of(folder))
            lines.Add(entry);
        return lines.Digest();
    }

    /// <summary>Whether the folder is there, can be read and has this digest.</summary>
    public static bool Matches(string root, string digest) => Compare(root, digest) ?? false;

    /// <summary>Whether the folder has this digest; null when it is not there, or not all of it can be read.</summary>
    public static bool? Compare(string root, string digest)
    {
        try
        {
            return Directory.Exists(root) ? Of(root) == digest : null;
        }
        catch (InvalidDataException e) when (e.InnerException is null)
        {
            // It was read, and is no image.
            return false;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// What the file system knows of every entry: cheap, and another as soon as one is written, renamed, added or taken away. It means
    /// something on this machine alone.
    /// </summary>
    public static string Fingerprint(string root)
    {
        using var folder = LinuxCalls.OpenTrustedFolder(root);
        return Fingerprint(folder);
    }

    /// <summary>The same of a folder that is open to be read.</summary>
    internal static string Fingerprint(SafeFileHandle folder) =>
        DigestLines.Hash([.. FolderWalk.Of(folder).Select(entry => (entry.Path, Line(entry.Status, entry.Path)))]);

    /// <summary>The same of one file.</summary>
    internal static string Fingerprint(LinuxCalls.FileStatus file, string name) => DigestLines.Hash([(name, Line(file, name))]);

    private static string Line(LinuxCalls.FileStatus status, string path) => string.Create(
        CultureInfo.InvariantCulture,
        $"{status.Inode} {status.Mode} {status.Size} {status.Modified} {status.Changed} {path}\0");
}
