using System.Buffers.Binary;
using System.Text;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.MicroVm;
using Lazaret.Tests.Conformance;

namespace Lazaret.Tests.Sandboxes;

/// <summary>The guest's kernel may be the visitor's by the time it writes: whatever lies on the drive, nothing beyond its bounds is believed.</summary>
public sealed class OutputDriveTests
{
    private static readonly SandboxRun Run = SandboxUnderTest.Script("") with { Limits = new SandboxLimits { Output = 100, Log = 50 } };

    [Fact]
    public void Log_and_output_come_back_with_what_was_used()
    {
        var completed = Assert.IsType<SandboxOutcome.Completed>(Read(Drive()));
        Assert.Equal(("log", "output"), (completed.Log, Encoding.UTF8.GetString(completed.Output.Span)));
        Assert.Equal(new SandboxUsage(7 << 20, TimeSpan.FromMilliseconds(3), OutOfMemory: false), completed.Usage);
    }

    [Theory]
    [InlineData(0, 'X')]
    [InlineData(4, 4)]
    [InlineData(4, ulong.MaxValue)]
    [InlineData(24, 51)]
    [InlineData(24, ulong.MaxValue)]
    [InlineData(32, 101)]
    [InlineData(32, ulong.MaxValue)]
    public void A_header_that_our_init_would_not_write_is_no_answer(int offset, ulong value)
    {
        var drive = Drive();
        BinaryPrimitives.WriteUInt64LittleEndian(drive.AsSpan(offset), value);
        Assert.Null(Read(drive));
    }

    [Fact]
    public void A_drive_that_ends_before_what_its_header_says_is_no_answer()
    {
        foreach (var length in new[] { 0, 3, 511, 512, 520 })
            Assert.Null(Read(Drive()[..length]));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(48)]
    public void Usage_beyond_all_measure_is_cut(int offset)
    {
        var drive = Drive();
        BinaryPrimitives.WriteUInt64LittleEndian(drive.AsSpan(offset), ulong.MaxValue);
        var usage = Read(drive)!.Usage!;
        Assert.True(usage is { PeakMemory: > 0, Cpu.Ticks: > 0 });
    }

    private static SandboxOutcome? Read(byte[] drive) => OutputDrive.Read(drive, Run, TimeSpan.FromSeconds(1));

    /// <summary><c>struct answer</c> of init.c, then three bytes of log and six of output.</summary>
    private static byte[] Drive()
    {
        var drive = new byte[521];
        "LZO1"u8.CopyTo(drive);
        ulong[] numbers = [6, 3, 6, 7 << 20, 3000, 0];
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(drive.AsSpan(16 + 8 * i), numbers[i]);
        "logoutput"u8.CopyTo(drive.AsSpan(512));
        return drive;
    }
}
