using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>
/// Runs a program in a virtual machine of its own: its own kernel, no network device, and drives for root, input, output and data.
/// <c>docs/sandboxes.md</c> describes them.
/// </summary>
internal sealed class MicroVmSandbox : ISandbox
{
    /// <summary>What the guest's kernel and init take beside the program's memory; the kernel keeps a 64th of all for its books.</summary>
    private const long GuestOverhead = 96L << 20;

    /// <summary>Machines come in sizes of so much, since a template fits one size alone.</summary>
    private const long MemoryStep = 128L << 20;

    /// <summary>For the machine to start and to stop. Emulated, on a busy host, that takes seconds.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly DriveImages _images;
    private readonly IReadOnlyList<IMachineDriver> _drivers;
    private readonly TimeProvider _time;
    private IMachineDriver _driver;

    /// <param name="drivers">Those that the configuration allows, the preferred one first.</param>
    public MicroVmSandbox(SandboxOptions options, StateFolder state, IReadOnlyList<IMachineDriver> drivers, TimeProvider time)
    {
        _folder = state.MicroVm;
        _images = new DriveImages(Path.Join(_folder, "images"), (long)options.MicroVm.ImagesMiB << 20, time);
        _drivers = drivers;
        _driver = drivers[0];
        _time = time;
    }

    public string Name => "microvm";

    public async Task<SandboxProbe> ProbeAsync(CancellationToken cancellationToken)
    {
        if (GuestSystem.Read(_folder) is not { } system)
            return SandboxProbe.Unavailable("no kernel is built: run 'lazaret sandbox build'", "lazaret sandbox build");
        if (Tools.Missing("mksquashfs").Any())
            return SandboxProbe.Unavailable("mksquashfs not found: apt install squashfs-tools");
        _images.Sweep();
        var reasons = new List<string>();
        foreach (var driver in _drivers)
        {
            try
            {
                if (driver.Missing() is { } missing)
                {
                    reasons.Add(missing);
                    continue;
                }

                _driver = driver;
                return await ProbeAsync(driver, system, cancellationToken);
            }
            catch (SandboxException e)
            {
                reasons.Add(e.Message);
            }
        }

        return SandboxProbe.Unavailable(string.Join("; ", reasons));
    }

    /// <summary>1. Lays the drives out. 2. Runs the machine. 3. Reads what it left.</summary>
    public async Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken)
    {
        SandboxRun.Check(run);
        cancellationToken.ThrowIfCancellationRequested();
        if (!OutputDrive.Fits(run.Limits))
            throw new SandboxException($"output and log together may be {OutputDrive.Size >> 20} MiB in a virtual machine");
        if (run.Mounts.Count > Machine.DataDrives)
            throw new SandboxException($"a virtual machine takes {Machine.DataDrives} mounts, and this run has {run.Mounts.Count}: name the folders of volumes beyond the view in site.yaml, under volumes");

        // 1.
        var machine = await MachineAsync(run, cancellationToken);

        // 2.
        var start = _time.GetTimestamp();
        var end = await _driver.RunAsync(machine, cancellationToken);
        var wall = _time.GetElapsedTime(start);

        // 3.
        if (OutputDrive.Read(end.Output, run, wall) is { } outcome)
            return outcome;
        if (!end.Started)
            throw new SandboxException($"the virtual machine did not come to run the program: {(end.TimedOut ? "it hung" : end.Console.ReplaceLineEndings("; "))}");
        // It ran the program and never answered: whatever that was, the program did it.
        return end.TimedOut ? new SandboxOutcome.TimedOut("", wall) : new SandboxOutcome.Exited(ExitCodes.Killed, "", wall);
    }

    private async Task<Machine> MachineAsync(SandboxRun run, CancellationToken cancellationToken)
    {
        var system = GuestSystem.Read(_folder) ?? throw new SandboxException("no kernel is built: run 'lazaret sandbox build'");
        var root = await _images.OfRootAsync(run.Root, cancellationToken);
        var data = new List<string>();
        foreach (var mount in run.Mounts)
            data.Add(await (mount.IsExact ? _images.OfExactMountAsync(mount.Source, cancellationToken) : _images.OfMountAsync(mount.Source, cancellationToken)));

        return new Machine(
            run.Id,
            GuestSystem.KernelPath(_folder, system.Kernel),
            GuestSystem.InitramfsPath(_folder, system.Initramfs),
            (int)(GuestMemory(run) >> 20),
            Math.Clamp((int)Math.Ceiling(run.Limits.Cpus), 1, Environment.ProcessorCount),
            root,
            () => InputDrive.Write(run, _time),
            data,
            [.. Images().Where(image => run.Reach.Contains(image.Source)).Select(image => image.File)],
            run.Limits.Timeout + Grace);

        IEnumerable<(string Source, string File)> Images() => run.Mounts.Select((mount, i) => (mount.Source, data[i])).Prepend((run.Root, root));
    }

    /// <exception cref="SandboxException">A program that does nothing does not run by this driver.</exception>
    private async Task<SandboxProbe> ProbeAsync(IMachineDriver driver, GuestSystem system, CancellationToken cancellationToken)
    {
        driver.Sweep();
        var run = NoOpRun();
        var accelerated = await driver.IsAcceleratedAsync(await MachineAsync(run, cancellationToken), cancellationToken);
        if (await RunAsync(run, cancellationToken) is var ended and not SandboxOutcome.Completed)
            throw new SandboxException($"a program that does nothing failed in {driver.Name}: {ended}");
        return new SandboxProbe(
            Available: true,
            $"each program in a virtual machine of its own, Linux {system.Release} under {driver.Name}, {(accelerated ? "by KVM" : "emulated")}",
            accelerated ? [] : ["KVM does not work here: emulated, programs run some twenty times slower, and auto does not choose it"])
        {
            OnlyByName = !accelerated,
        };
    }

    private static long GuestMemory(SandboxRun run)
    {
        var needed = run.Limits.Memory + run.Inputs.Values.Sum(input => (long)input.Length) + GuestOverhead;
        return (needed + (needed / 64) + MemoryStep - 1) / MemoryStep * MemoryStep;
    }

    /// <summary>The init itself, which does nothing where it is not the first process.</summary>
    private SandboxRun NoOpRun() => NoOp.Run with
    {
        Root = GuestSystem.NoOpRoot(_folder),
        Command = ["/init", $"/work/{NoOp.Run.Output}"],
    };
}
