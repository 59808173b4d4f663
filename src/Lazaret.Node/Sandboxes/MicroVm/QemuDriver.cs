using Lazaret.Node.Sandboxes.Bubblewrap;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>
/// QEMU, itself run as the program of a bubblewrap sandbox. A program that breaks out of the machine is then confined as any other program: under a
/// user id of the run's own, without network, behind the same filter of system calls, in the same control group. The sandbox also does what a
/// run needs anyway: it keeps the input in memory alone, holds the time limit, and ends when the node ends.
/// </summary>
internal sealed class QemuDriver(BubblewrapSandbox jail, QemuTemplates? templates, KvmProbe kvm) : IMachineDriver
{
    /// <summary>
    /// What QEMU may take beside the guest's memory. It touches some 160 MiB (translated code, buffers), but a limit on each process counts
    /// the stacks of its threads whole.
    /// </summary>
    private const int OverheadMiB = 512;

    private const string Executable = "/usr" + QemuCommand.Program;

    public string Name => MicroVmOptions.Qemu;

    public string? Missing() => File.Exists(Executable) ? null : $"{Executable} not found: apt install qemu-system-x86";

    public void Sweep() => jail.Sweep();

    public Task<bool> IsAcceleratedAsync(Machine machine, CancellationToken cancellationToken) => kvm.WorksAsync(
        async () => (await RunAsync(machine, withKvm: true, state: null, CancellationToken.None)).Started,
        cancellationToken);

    /// <summary>
    /// 1. Finds the template of such a machine, or makes it. 2. Restores it. 3. Boots, if there is no template, or a restored machine did not come to start the program. One
    /// that hung took the run's time, in which nothing ran: the one that boots has as much.
    /// </summary>
    public async Task<MachineEnd> RunAsync(Machine machine, CancellationToken cancellationToken)
    {
        var withKvm = await IsAcceleratedAsync(machine, cancellationToken);

        // 1.
        var state = templates is null ? null : await templates.FindAsync(machine, withKvm, () => MakeStateAsync(machine, withKvm), cancellationToken);

        // 2.
        if (state is not null)
        {
            try
            {
                var end = await RunAsync(machine, withKvm, state, cancellationToken);
                if (end.Started || cancellationToken.IsCancellationRequested)
                    return end;
                templates!.Forget(state);
            }
            catch (SandboxException) when (!File.Exists(state))
            {
                // Another run has forgotten it meanwhile.
            }
        }

        // 3.
        return await RunAsync(machine, withKvm, state: null, cancellationToken);
    }

    private async Task<MachineEnd> RunAsync(Machine machine, bool withKvm, string? state, CancellationToken cancellationToken)
    {
        string[] arguments = state is null ? QemuCommand.Boot(machine, withKvm) : QemuCommand.Restore(machine, withKvm);
        var script = FormattableString.Invariant($"truncate -s {OutputDrive.Size} {QemuCommand.OutputFile}; exec \"$@\" 9<\"$0\"");
        var run = Jail(machine, withKvm) with
        {
            Command = ["/bin/sh", "-c", script, state is null ? "/dev/null" : QemuCommand.StateFile, QemuCommand.Program, .. arguments],
            Inputs = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal) { [Path.GetFileName(QemuCommand.InputFile)] = machine.Input() },
            Output = Path.GetFileName(QemuCommand.OutputFile),
            Mounts =
            [
                .. state is null ? System(machine) : [new ReadOnlyMount(state, QemuCommand.StateFile)],
                new ReadOnlyMount(machine.Root, QemuCommand.RootFile),
                .. machine.Data.Select((image, index) => new ReadOnlyMount(image, QemuCommand.DataFile(index))),
            ],
        };
        return await jail.RunAsync(run, cancellationToken) switch
        {
            SandboxOutcome.Completed end => new MachineEnd(end.Output, end.Log, TimedOut: false),
            var end => new MachineEnd(ReadOnlyMemory<byte>.Empty, end.Log, end is SandboxOutcome.TimedOut),
        };
    }

    /// <summary>The state of a machine that has booted and waits for its input. The machine is not paused before its state is saved: a paused one would stay paused when it is restored.</summary>
    private async Task<ReadOnlyMemory<byte>> MakeStateAsync(Machine machine, bool withKvm)
    {
        const string Script =
            """
            cd /work
            : >console
            {
                for i in $(seq 600); do grep -q ready console && break; sleep 0.1; done
                printf '%s\n' 'migrate_set_parameter max-bandwidth 8G' 'migrate "exec:cat >/work/state"' quit
            } | "$@" >/dev/null
            """;
        var jailed = Jail(machine, withKvm);
        // The state is written to memory, and may be as large as the guest's.
        var size = (machine.MemoryMiB + 64L) << 20;
        var run = jailed with
        {
            Command = ["/bin/sh", "-c", Script, "sh", QemuCommand.Program, .. QemuCommand.Template(machine, withKvm, "console")],
            Output = "state",
            Mounts = [.. System(machine)],
            Limits = jailed.Limits with { Timeout = TimeSpan.FromSeconds(90), Work = size, Output = (int)Math.Min(size, Array.MaxLength), Memory = jailed.Limits.Memory + size },
        };
        return await jail.RunAsync(run, CancellationToken.None) is SandboxOutcome.Completed made ? made.Output : default;
    }

    private static ReadOnlyMount[] System(Machine machine) =>
        [new ReadOnlyMount(machine.Kernel, QemuCommand.KernelFile), new ReadOnlyMount(machine.Initramfs, QemuCommand.InitramfsFile)];

    private static SandboxRun Jail(Machine machine, bool withKvm) => new()
    {
        Id = machine.Id,
        Root = "/usr",
        Command = [],
        Environment = _ => new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = "/bin" },
        Inputs = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal),
        Output = "",
        Reach = machine.Reach,
        IsOurs = true,
        Devices = withKvm ? [KvmProbe.Device] : [],
        Limits = new SandboxLimits
        {
            Timeout = machine.Timeout,
            Memory = (machine.MemoryMiB + (long)OverheadMiB) << 20,
            Cpus = machine.Processors,
            Pids = 64,
            Work = OutputDrive.Size + (1 << 20),
            Output = OutputDrive.Size,
            Log = 16 << 10,
        },
    };
}
