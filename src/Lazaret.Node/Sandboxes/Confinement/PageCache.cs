using System.IO.Enumeration;
using Lazaret.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>
/// Brings the files that a program can reach into one state before it starts: every name, and every page of every file, is in memory. Linux
/// keeps both for all programs together, and a program can tell by a clock, or by its count of page faults, what was there before it came.
/// So one run could leave bits for the next by what it read of an image that both are given.
/// </summary>
internal static class PageCache
{
    /// <summary>As much as is mapped at once.</summary>
    private const long Chunk = 64L << 20;

    /// <summary>What takes more than this, all files of a folder together, would only push itself out again: of that the names alone come in.</summary>
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
        // What the node may not read, no program may.
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
