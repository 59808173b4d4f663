using System.IO.Enumeration;
using Lazaret.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// Fills the kernel's caches before a program starts: every name, and every page of every file that the program can reach, is in memory. All
/// programs share these caches, and a program can measure, by time or by its page faults, what was in them before it started. Without this, a
/// run could pass bits to a later run of the same image by the choice of the pages that it reads.
/// </summary>
internal static class PageCache
{
    /// <summary>How many bytes are mapped at once.</summary>
    private const long Chunk = 64L << 20;

    /// <summary>If the files of a folder are larger than this together, they would push each other out: then only the names are read.</summary>
    private static readonly long Most = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;

    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static void Fill(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        foreach (var path in paths)
        {
            var isFolder = Directory.Exists(path);
            using var folder = LinuxCalls.OpenFolder(isFolder ? path : Path.GetDirectoryName(path)!);
            IEnumerable<string> names = isFolder ? Below(path) : [Path.GetFileName(path)];
            var files = names
                .Select(name => (Name: name, Size: LinuxCalls.TryStatus(folder, name) is { IsRegularFile: true } status ? (long)status.Size : 0))
                .Where(file => file.Size > 0)
                .ToList();
            if (files.Sum(file => file.Size) > Most)
                continue;
            foreach (var (name, size) in files)
                Fill(folder, name, size, cancellationToken);
        }
    }

    private static void Fill(SafeFileHandle folder, string name, long size, CancellationToken cancellationToken)
    {
        using var file = LinuxCalls.OpenUntrusted(folder, name);
        // A file that the node may not read is left out: no program may read it either.
        if (file is null)
            return;
        for (var offset = 0L; offset < size; offset += Chunk)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var length = Math.Min(Chunk, size - offset);
            if (!LinuxCalls.IsInMemory(file, offset, length))
                LinuxCalls.ReadIn(file, offset, length);
        }
    }

    private static FileSystemEnumerable<string> Below(string root) => new(
        root,
        (ref entry) => Path.Join(entry.Directory[entry.RootDirectory.Length..].TrimStart('/'), entry.FileName),
        new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true })
    {
        // .NET would walk through links to folders, and so out of the image.
        ShouldRecursePredicate = (ref entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
    };
}
