using System.Buffers.Binary;
using Lazaret.Node.Linux;

namespace Lazaret.Node.Images;

/// <summary>The file that an image's command names: whether Linux can start it (execve(2)). At a run, all that is known is that it did not.</summary>
internal static class ImageProgram
{
    // As much as Linux reads of a script's first line.
    private const int Start = 256;

    // Elf64_Ehdr.e_machine, and its value for this processor.
    private const int ElfMachine = 18;
    private const ushort X86 = 62;

    /// <param name="root">The image's root folder.</param>
    /// <param name="program">An absolute path inside.</param>
    /// <returns>Null, or why it cannot be started.</returns>
    public static string? Fault(string root, string program)
    {
        using var folder = LinuxCalls.OpenFolder(root);
        using var file = LinuxCalls.OpenInRoot(folder, program);
        if (file is null || !LinuxCalls.Status(file).IsRegularFile)
            return $"it holds no file {program}, which the manifest's command names";
        if ((LinuxCalls.Status(file).Permissions & ImageWriter.Executable) == 0)
            return $"{program}, which the manifest's command names, may not be executed: chmod +x";
        using var content = LinuxCalls.Reopen(file);
        var start = LinuxCalls.Read(content.SafeFileHandle, Start).Span;
        // Whether the interpreter is in the image is not asked: the sandbox "process" has this machine's.
        if (start.StartsWith("#!"u8) && start.IndexOf((byte)'\n') is var end and > 0 && start[end - 1] == '\r')
            return $"{program} has lines that end as on Windows: sed -i 's/\\r$//'";
        if (start.StartsWith("\u007fELF"u8) && start.Length > ElfMachine + 1 && BinaryPrimitives.ReadUInt16LittleEndian(start[ElfMachine..]) != X86)
            return $"{program} is of another processor than x86-64";
        return null;
    }
}
