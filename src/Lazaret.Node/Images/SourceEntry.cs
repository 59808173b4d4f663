using Lazaret.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Images;

/// <summary>A file or folder of a stranger's, held open: whatever its name leads to by now, this is what is read.</summary>
/// <param name="Path">As the manifest has it.</param>
internal sealed record SourceEntry(SafeFileHandle Handle, string Path) : IDisposable
{
    public LinuxCalls.FileStatus Status { get; } = LinuxCalls.Status(Handle);

    /// <summary>From the beginning.</summary>
    public Stream Read() => LinuxCalls.Reopen(Handle);

    /// <summary>The whole of a small file.</summary>
    /// <exception cref="InvalidDataException">It is a folder, or larger.</exception>
    public byte[] ReadAll(int max)
    {
        if (!Status.IsRegularFile || Status.Size > (ulong)max)
            throw Fault(Path, $"is no file of at most {max >> 10} KiB");
        return LinuxCalls.Read(Handle, (int)Status.Size).ToArray();
    }

    /// <summary>
    /// A hard link makes a name in one's own folder for anybody's file, and so takes into an image what only the registrar may read.
    /// </summary>
    /// <param name="mayHaveNames">Whether it may have other names, which the caller then looks for.</param>
    /// <exception cref="InvalidDataException">It is no regular file, is not this user's, or has other names.</exception>
    public static void CheckFile(LinuxCalls.FileStatus status, uint owner, string path, bool mayHaveNames)
    {
        if (!status.IsRegularFile)
            throw Fault(path, "is no regular file");
        if (status.User != owner)
            throw Anothers(path);
        if (status.Links > 1 && !mayHaveNames)
            throw Fault(path, "is a hard link, and so may be somebody else's file: copy it, if it is meant");
    }

    public static InvalidDataException Anothers(string path) =>
        Fault(path, "belongs to another user than the manifest, or than the folder it is in: chown it, if it is meant");

    public static InvalidDataException Fault(string path, string why) => new($"{path} {why}");

    public void Dispose() => Handle.Dispose();
}
