using System.Buffers.Binary;
using Lazaret.Node.Sandboxes.Confinement;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>
/// What the guest's init leaves: the log and the output from the second sector on, and last of all the header, <c>LZO1</c> and the numbers
/// of <c>struct answer</c>. The program may have controlled the guest's kernel by then: nothing in here is trusted, and every length is checked.
/// </summary>
internal static class OutputDrive
{
    /// <summary>Bytes. The same for every run, since a template has seen the drive already.</summary>
    public const int Size = 8 << 20;

    private const int Sector = 512;
    private const ulong MostMicroseconds = 1UL << 50;

    private enum Status
    {
        Completed,
        Exited,
        TimedOut,
        BadOutput,
    }

    /// <summary>Whether log and output of such a run fit.</summary>
    public static bool Fits(SandboxLimits limits) => Sector + (long)limits.Log + limits.Output <= Size;

    /// <summary>The outcome; null when the guest never wrote its header, or wrote one that our init would not.</summary>
    public static SandboxOutcome? Read(ReadOnlyMemory<byte> drive, SandboxRun run, TimeSpan wall)
    {
        var header = drive.Span;
        if (header.Length < Sector || !header.StartsWith("LZO1"u8))
            return null;
        var status = (Status)BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        var code = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        var size = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        var logLength = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        var outputLength = BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
        if (logLength > (ulong)run.Limits.Log || outputLength > (ulong)run.Limits.Output || Sector + (long)(logLength + outputLength) > drive.Length)
            return null;

        var log = new CappedLog(run.Limits.Log).Drain(new MemoryStream(drive.Slice(Sector, (int)logLength).ToArray()), CancellationToken.None).ToString();
        SandboxOutcome? outcome = status switch
        {
            Status.Completed => new SandboxOutcome.Completed(drive.Slice(Sector + (int)logLength, (int)outputLength).ToArray(), log, wall),
            Status.Exited => new SandboxOutcome.Exited(code, log, wall),
            Status.TimedOut => new SandboxOutcome.TimedOut(log, wall),
            Status.BadOutput => new SandboxOutcome.BadOutput($"{run.Output} {Why(code, size, run.Limits.Output)}", log, wall),
            _ => null,
        };
        return outcome is null ? null : outcome with
        {
            Usage = new SandboxUsage(
                (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(header[40..]), long.MaxValue),
                TimeSpan.FromMicroseconds(Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(header[48..]), MostMicroseconds)),
                BinaryPrimitives.ReadUInt64LittleEndian(header[56..]) > 0),
        };
    }

    private static string Why(int code, ulong size, int limit) => code switch
    {
        1 => "is missing, a link, or unreadable",
        2 => "is no regular file",
        3 => "is a hard link",
        _ => $"has {size} bytes, more than the {limit} allowed",
    };
}
