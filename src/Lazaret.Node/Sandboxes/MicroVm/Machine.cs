using System.Globalization;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>One virtual machine for one run: a processor, memory and drives. It has no network device.</summary>
/// <param name="Id">The run's id.</param>
/// <param name="Kernel">An ELF file, named by its digest.</param>
/// <param name="Initramfs">A cpio archive with our init, named by its digest.</param>
/// <param name="MemoryMiB">The guest's memory.</param>
/// <param name="Processors">Whole virtual processors.</param>
/// <param name="Root">The image of the program's root.</param>
/// <param name="Input">Makes the bytes of the input drive, with the time at which the machine starts.</param>
/// <param name="Data">The images of the run's mounts, in order.</param>
/// <param name="Reach">Those of the images of which a program could find out which parts are in the host's memory: see <see cref="SandboxRun.Reach"/>.</param>
/// <param name="Timeout">When the host stops a machine that has not stopped by itself.</param>
internal sealed record Machine(
    string Id,
    string Kernel,
    string Initramfs,
    int MemoryMiB,
    int Processors,
    string Root,
    Func<byte[]> Input,
    IReadOnlyList<string> Data,
    IReadOnlyList<string> Reach,
    TimeSpan Timeout)
{
    /// <summary>How many drives a run's mounts may take.</summary>
    public const int DataDrives = 4;

    /// <summary>The files that are read by whoever runs the machine.</summary>
    public IEnumerable<string> Images => [Kernel, Initramfs, Root, .. Data];

    /// <summary>What the init prints on the serial line when it has built the job's root and is about to run the job.</summary>
    public const string Started = "started";

    /// <summary>
    /// The kernel's command line. loglevel=0 keeps its messages off the serial line, which is slow; the host's clock rate must be given,
    /// since an emulated machine under load measures it wrongly and hangs.
    /// </summary>
    public static string CommandLine(string reboot) => FormattableString.Invariant(
        $"console=ttyS0 reboot={reboot} panic=-1 loglevel=0 tsc_early_khz={HostKilohertz()} module.sig_enforce=1");

    /// <summary>Twice the rate of the time stamp counter: "cpu MHz" would be the clock's rate at this moment.</summary>
    private static long HostKilohertz()
    {
        const string Entry = "bogomips";
        var line = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith(Entry, StringComparison.Ordinal));
        return (long)(double.Parse(line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture) / 2 * 1000);
    }
}

/// <summary>How a machine ended.</summary>
/// <param name="Output">What is on its output drive.</param>
/// <param name="Console">The head of what it said on its serial line. Until the job starts only our init writes there; after that any program in the machine may have written it.</param>
/// <param name="TimedOut">Whether the host stopped it.</param>
internal sealed record MachineEnd(ReadOnlyMemory<byte> Output, string Console, bool TimedOut)
{
    public bool Started => Console.Contains(Machine.Started, StringComparison.Ordinal);
}
