using System.Security.Cryptography;
using System.Text;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>
/// What the guest's init reads: <c>LZI1</c>, a u64 length, and that many bytes that describe the run; then the inputs, each from a page
/// on. Everything is little endian; a text is a u32 length and UTF-8 with a zero byte at its end. <c>src/Lazaret.Init/init.c</c> is the
/// other half.
/// </summary>
internal static class InputDrive
{
    private const int Page = 4096;
    private const int EntropyBytes = 64;
    private const int QuotaOfAProcessor = 100_000;

    public static byte[] Write(SandboxRun run, TimeProvider time)
    {
        // The description is as long wherever the inputs lie.
        var first = Align(Describe(run, time, 0).Length);
        var drive = new byte[first + run.Inputs.Values.Sum(input => Align(input.Length))];
        Describe(run, time, first).CopyTo(drive, 0);
        var offset = first;
        foreach (var input in run.Inputs.Values)
        {
            input.Span.CopyTo(drive.AsSpan((int)offset));
            offset += Align(input.Length);
        }

        return drive;
    }

    private static byte[] Describe(SandboxRun run, TimeProvider time, long firstInput)
    {
        var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write("LZI1"u8);
        writer.Write(0L);

        // Machines restored from one template would otherwise share clock and randomness.
        writer.Write((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
        writer.Write(EntropyBytes);
        writer.Write(RandomNumberGenerator.GetBytes(EntropyBytes));

        var limits = run.Limits;
        writer.Write(limits.Memory);
        writer.Write(limits.Work);
        writer.Write(limits.Temp);
        writer.Write((long)limits.Timeout.TotalMilliseconds);
        writer.Write(limits.Pids);
        writer.Write(Math.Max((int)(limits.Cpus * QuotaOfAProcessor), 1000));
        writer.Write(limits.Inodes);
        writer.Write(limits.Output);
        writer.Write(limits.Log);

        WriteText(writer, run.Output);
        WriteTexts(writer, run.Command);
        WriteTexts(writer, [.. run.EnvironmentAt(SandboxPaths.Mounted).Select(variable => $"{variable.Key}={variable.Value}")]);
        writer.Write(run.Mounts.Count);
        foreach (var mount in run.Mounts)
        {
            WriteText(writer, mount.Target);
            WriteText(writer, Directory.Exists(mount.Source) ? "" : Path.GetFileName(mount.Source));
        }

        writer.Write(run.Inputs.Count);
        var offset = firstInput;
        foreach (var (name, input) in run.Inputs)
        {
            WriteText(writer, name);
            writer.Write(offset);
            writer.Write((long)input.Length);
            offset += Align(input.Length);
        }

        writer.Flush();
        bytes.Position = 4;
        writer.Write(bytes.Length - 12);
        return bytes.ToArray();
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text + '\0');
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteTexts(BinaryWriter writer, IReadOnlyCollection<string> texts)
    {
        writer.Write(texts.Count);
        foreach (var text in texts)
            WriteText(writer, text);
    }

    private static long Align(long length) => (length + Page - 1) / Page * Page;
}
