using Lazaret.Node.Linux;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Confinement;

/// <summary>The one file that is read back out of a work folder. The program is gone by then, but what it left may be anything.</summary>
internal static class OutputFile
{
    /// <summary>The outcome of a program that ended with exit code 0: what it wrote, or why that is no output.</summary>
    public static SandboxOutcome Read(SafeFileHandle folder, SandboxRun run, string log, TimeSpan wall)
    {
        using var file = LinuxCalls.OpenUntrusted(folder, run.Output);
        if (file is null)
            return Bad("is missing, a link, or unreadable");

        var status = LinuxCalls.Status(file);
        if (!status.IsRegularFile)
            return Bad("is no regular file");
        // A second name may lead to a file that is not the program's.
        if (status.Links != 1)
            return Bad("is a hard link");
        if (status.Size > (ulong)run.Limits.Output)
            return Bad($"has {status.Size} bytes, more than the {run.Limits.Output} allowed");

        return new SandboxOutcome.Completed(LinuxCalls.Read(file, (int)status.Size), log, wall);

        SandboxOutcome.BadOutput Bad(string why) => new($"{run.Output} {why}", log, wall);
    }
}
