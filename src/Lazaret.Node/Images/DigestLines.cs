using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lazaret.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Images;

/// <summary>The lines of an <see cref="ImageDigest"/>, in whatever order they come.</summary>
internal sealed class DigestLines
{
    private static readonly ImageLimits Unbounded = new() { Depth = int.MaxValue };

    private readonly List<(string Path, string Line)> _lines = [];

    /// <exception cref="InvalidDataException">It is what no image may hold.</exception>
    public void Add(WalkedEntry entry)
    {
        var steps = ImagePath.Steps(entry.Path, Unbounded);
        if (entry.Status.IsLink)
        {
            var target = entry.Target;
            ImagePath.CheckLink(steps, target);
            Add(entry, string.Create(CultureInfo.InvariantCulture, $"l {Encoding.UTF8.GetByteCount(target)} {target} {entry.Path}\n"));
        }
        else if (entry.Status.IsFolder)
        {
            Add(entry, $"d {entry.Path}\n");
        }
        else
        {
            AddFile(entry);
        }
    }

    public string Digest() => "sha256:" + Hash(_lines);

    /// <summary>Over lines in ordinal order of their paths.</summary>
    public static string Hash(List<(string Path, string Line)> lines)
    {
        lines.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, line) in lines)
            hash.AppendData(Encoding.UTF8.GetBytes(line));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void AddFile(WalkedEntry entry)
    {
        if (!entry.Status.IsRegularFile)
            throw ImageFault.Holds("what is neither regular, folder nor link", entry.Path);
        using var file = entry.Open();
        var status = LinuxCalls.Status(file);
        if ((status.Inode, status.Device) != (entry.Status.Inode, entry.Status.Device))
            throw ImageFault.Changed();
        var mode = entry.IsExecutable ? "x" : "r";
        Add(entry, string.Create(CultureInfo.InvariantCulture, $"f {mode} {status.Size} {HashOf(file, (long)status.Size)} {entry.Path}\n"));
    }

    // No further than its size: one that is being written to has no end.
    private static string HashOf(SafeFileHandle file, long size)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[64 << 10];
        for (long at = 0; at < size;)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, size - at)), at);
            if (read == 0)
                throw ImageFault.Changed();
            hash.AppendData(buffer, 0, read);
            at += read;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void Add(WalkedEntry entry, string line) => _lines.Add((entry.Path, line));
}
