using System.Globalization;
using System.Text;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>
/// Writes an archive in the one format the kernel unpacks, "newc" (Linux's Documentation/driver-api/early-userspace/buffer-format.rst):
/// owned by root, without times, so that the same entries make the same bytes.
/// </summary>
internal sealed class CpioArchive(Stream stream)
{
    private const int FolderMode = 0x4000 | 0b111_101_101;
    private const int FileMode = 0x8000 | 0b100_100_100;
    private const int ProgramMode = 0x8000 | 0b111_101_101;

    private int _entries;

    public void AddFolder(string path) => Add(path, FolderMode, []);

    public void AddFile(string path, ReadOnlySpan<byte> bytes, bool isProgram = false) => Add(path, isProgram ? ProgramMode : FileMode, bytes);

    public void End() => Add("TRAILER!!!", 0, []);

    private void Add(string path, int mode, ReadOnlySpan<byte> bytes)
    {
        var name = Encoding.UTF8.GetBytes(path + '\0');
        // inode, mode, uid, gid, links, mtime, size, device (2), device of a node (2), length of the name, checksum
        int[] fields = [++_entries, mode, 0, 0, 1, 0, bytes.Length, 0, 0, 0, 0, name.Length, 0];
        Write(Encoding.ASCII.GetBytes("070701" + string.Concat(fields.Select(field => field.ToString("x8", CultureInfo.InvariantCulture)))));
        Write(name);
        Pad();
        Write(bytes);
        Pad();
    }

    private void Write(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    private void Pad()
    {
        while (stream.Position % 4 != 0)
            stream.WriteByte(0);
    }
}
