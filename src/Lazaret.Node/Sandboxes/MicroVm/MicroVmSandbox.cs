using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Bubblewrap;
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
    private readonly Lazy<IMachineDriver> _driver;
    private readonly TimeProvider _time;

    public MicroVmSandbox(SandboxOptions options, StateFolder state, TimeProvider time)
    {
        _folder = state.MicroVm;
        _time = time;
        _images = new DriveImages(Path.Join(_folder, "images"), (long)options.MicroVm.ImagesMiB << 20, time);
        _driver = new Lazy<IMachineDriver>(() => ChooseDriver(options));
    }

    public string Name => "microvm";

    public async Task<SandboxProbe> ProbeAsync(CancellationToken cancellationToken)
    {
        if (GuestSystem.Read(_folder) is not { } system)
            return SandboxProbe.Unavailable("no kernel is built: run 'lazaret sandbox build'");
        if (_driver.Value.Missing() is { } missing)
            return SandboxProbe.Unavailable(missing);
        if (Tools.Missing("mksquashfs").Any())
            return SandboxProbe.Unavailable("mksquashfs not found: apt install squashfs-tools");
        try
        {
            _images.Sweep();
            _driver.Value.Sweep();
            var run = NoOpRun();
            var accelerated = await _driver.Value.IsAcceleratedAsync(await MachineAsync(run, cancellationToken), cancellationToken);
            if (await RunAsync(run, cancellationToken) is var ended and not SandboxOutcome.Completed)
                return SandboxProbe.Unavailable($"a program that does nothing failed in it: {ended}");
            return new SandboxProbe(
                Available: true,
                $"each program in a virtual machine of its own, Linux {system.Release} under {_driver.Value.Name}, {(accelerated ? "by KVM" : "emulated")}",
                accelerated ? [] : ["KVM does not work here: emulated, programs run some twenty times slower, and auto does not choose it"])
            {
                OnlyByName = !accelerated,
            };
        }
        catch (SandboxException e)
        {
            return SandboxProbe.Unavailable(e.Message);
        }
    }

    /// <summary>1. Lays the drives out. 2. Runs the machine. 3. Reads what it left.</summary>
    public async Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken)
    {
        SandboxRun.Check(run);
        cancellationToken.ThrowIfCancellationRequested();
        if (!OutputDrive.Holds(run.Limits))
            throw new SandboxException($"output and log together may be {OutputDrive.Size >> 20} MiB in a virtual machine");
        if (run.Mounts.Count > Machine.DataDrives)
            throw new SandboxException($"a virtual machine takes {Machine.DataDrives} mounts, and this run has {run.Mounts.Count}: name the folders of volumes beyond the view in site.yaml, under volumes");

        // 1.
        var machine = await MachineAsync(run, cancellationToken);

        // 2.
        var start = _time.GetTimestamp();
        var end = await _driver.Value.RunAsync(machine, cancellationToken);
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
            InputDrive.Write(run, _time),
            data,
            [.. Images().Where(image => run.Reach.Contains(image.Source)).Select(image => image.File)],
            run.Limits.Timeout + Grace);

        IEnumerable<(string Source, string File)> Images() => run.Mounts.Select((mount, i) => (mount.Source, data[i])).Prepend((run.Root, root));
    }

    private IMachineDriver ChooseDriver(SandboxOptions options)
    {
        var kvm = new KvmProbe(Path.Join(_folder, "kvm"));
        var firecracker = new FirecrackerDriver(options, kvm, _time);
        if (options.MicroVm.Driver == MicroVmOptions.Firecracker || (options.MicroVm.Driver == MicroVmOptions.Auto && firecracker.Missing() is null))
            return firecracker;
        var templates = options.MicroVm.Templates ? new QemuTemplates(Path.Join(_folder, "templates"), _time) : null;
        return new QemuDriver(new BubblewrapSandbox(options, _time), templates, kvm);
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
