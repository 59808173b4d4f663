using System.Diagnostics;
using static Lazaret.Node.Sandboxes.LinuxCalls;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>
/// Firecracker below its jailer: a root folder of its own, a user id of the run's own, its own filter of system calls. Around it a pid
/// namespace that ends with the node, as bubblewrap has one. It boots in an eighth of a second, so there is no template.
/// </summary>
internal sealed class FirecrackerDriver(SandboxOptions options, KvmProbe kvm, TimeProvider time) : IMachineDriver
{
    /// <summary>Its specification says 5 MiB; the rest is for the kernel's own books on it.</summary>
    private const int OverheadMiB = 32;

    private const string Firecracker = "firecracker";
    private const string Socket = "/api.socket";
    private const int ConsoleCap = 16 << 10;

    private static readonly string[] SearchPath = ["/usr/bin", "/usr/local/bin", "/opt/firecracker"];
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly UidSlots _uids = new(options);

    public string Name => MicroVmOptions.Firecracker;

    public string? Missing()
    {
        string[] tools = [.. new[] { Firecracker, "jailer" }.Where(tool => Find(tool) is null)];
        if (tools.Length > 0)
            return $"{string.Join(" and ", tools)} not found in {string.Join(", ", SearchPath)}: install a release of github.com/firecracker-microvm/firecracker, or set Lazaret:Sandbox:MicroVm:Driver to qemu";
        if (!File.Exists(KvmProbe.Device))
            return $"{KvmProbe.Device} is missing: Firecracker needs KVM; set Lazaret:Sandbox:MicroVm:Driver to qemu";
        return Environment.IsPrivilegedProcess ? null : "Firecracker's jailer must be started by root; set Lazaret:Sandbox:MicroVm:Driver to qemu";
    }

    public Task<bool> IsAcceleratedAsync(Machine noOp, CancellationToken cancellationToken) =>
        kvm.WorksAsync(async () => (await RunAsync(noOp, cancellationToken)).Started, cancellationToken);

    /// <summary>
    /// 1. Takes a user id and a control group. 2. Lays the jail out. 3. Starts the jailer. 4. Tells Firecracker about the machine and starts
    /// it. 5. Waits for its end, or brings it about. 6. Reads the output drive, and deletes the jail.
    /// </summary>
    public async Task<MachineEnd> RunAsync(Machine machine, CancellationToken cancellationToken)
    {
        if (Missing() is { } missing)
            throw new SandboxException(missing);

        // 1.
        using var slot = _uids.Take();
        using var group = ControlGroup.TryCreate(FormattableString.Invariant($"lazaret-{slot.Uid}"));

        // 2. The user id names the jail: nobody else has it, and what lies there is a killed node's.
        var id = FormattableString.Invariant($"lazaret-{slot.Uid}");
        var jail = Path.Join(options.MicroVm.Jails, Firecracker, id);
        if (Directory.Exists(jail))
            Directory.Delete(jail, recursive: true);
        Directory.CreateDirectory(options.MicroVm.Jails, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var root = Directory.CreateDirectory(Path.Join(jail, "root")).FullName;
        try
        {
            var files = LayOut(machine, root);

            // 3.
            return await RunThread.Start($"machine {machine.Id}", () => Run(machine, files, root, id, slot.Uid, group, cancellationToken));
        }
        finally
        {
            Directory.Delete(jail, recursive: true);
        }
    }

    /// <summary>
    /// Jailer and Firecracker are one process, the first of the pid namespace. The images are bound into the jail rather than copied, in a
    /// mount namespace that ends with it.
    /// </summary>
    internal static string[] Arguments(string id, int uid, string jails, IEnumerable<(string Source, string Target)> bound) =>
    [
        "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child=KILL", "--",
        "/bin/sh", "-ec", "while [ \"$1\" != -- ]; do mount --bind \"$1\" \"$2\"; shift 2; done; shift; exec \"$@\"", "sh",
        .. bound.SelectMany(file => (string[])[file.Source, file.Target]), "--",
        Find("jailer") ?? "jailer", "--id", id, "--exec-file", Find(Firecracker) ?? Firecracker, "--uid", $"{uid}", "--gid", $"{uid}",
        "--chroot-base-dir", jails, "--", "--api-sock", Socket,
    ];

    private MachineEnd Run(Machine machine, FirecrackerApi.Files files, string root, string id, int uid, ControlGroup? group, CancellationToken cancellationToken)
    {
        CloseDescriptorsOnExec();
        var start = new ProcessStartInfo("setpriv", Arguments(id, uid, options.MicroVm.Jails, Bound(machine, files, root)))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            // In time: the guest's memory comes with its start, which is ours to give.
            group?.Limit(new SandboxLimits { Memory = (machine.MemoryMiB + (long)OverheadMiB) << 20, Cpus = machine.Processors, Pids = 64 }, ownProcesses: 2);
            group?.Add(process.Id);
            process.StandardInput.Close();
            var console = new CappedLog(ConsoleCap);
            var drained = RunThread.Start($"console of {machine.Id}", () => console.Drain(process.StandardOutput.BaseStream));
            var faults = process.StandardError.ReadToEndAsync(CancellationToken.None);

            // 4.
            using var timeout = new CancellationTokenSource(machine.Timeout, time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            using var killing = stop.Token.UnsafeRegister(_ => process.Kill(), state: null);
            using (var api = new FirecrackerApi(Path.Join(root, Socket)))
            {
                StartAsync(api, machine, files, Path.Join(root, Socket), process, stop.Token).GetAwaiter().GetResult();
            }

            // 5.
            process.WaitForExit();
            drained.Wait(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();

            // 6.
            using var folder = OpenFolder(root);
            using var output = OpenUntrusted(folder, Path.GetFileName(files.Output)) ?? throw new SandboxException("the machine's output drive is gone");
            var bytes = new byte[OutputDrive.Size];
            var length = RandomAccess.Read(output, bytes, 0);
            return new MachineEnd(bytes.AsMemory(0, length), console.ToString(), timeout.IsCancellationRequested);
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    private async Task StartAsync(FirecrackerApi api, Machine machine, FirecrackerApi.Files files, string socket, Process process, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (!File.Exists(socket))
        {
            if (process.HasExited || time.GetElapsedTime(start) > Patience)
                throw new SandboxException("Firecracker did not start: its jailer ended, or never opened its socket");
            await Task.Delay(Poll, time, cancellationToken);
        }

        await api.StartAsync(machine, files, cancellationToken);
    }

    /// <summary>What lies where in the jail; files to be bound are empty until then.</summary>
    private static FirecrackerApi.Files LayOut(Machine machine, string root)
    {
        const UnixFileMode Shared = (UnixFileMode)0b110_110_110;
        File.WriteAllBytes(Path.Join(root, "input"), machine.Input);
        using (var output = File.Create(Path.Join(root, "output")))
            output.SetLength(OutputDrive.Size);
        // Firecracker's user is not the node's; nobody else can walk here.
        File.SetUnixFileMode(Path.Join(root, "output"), Shared);
        var files = new FirecrackerApi.Files(
            "/kernel", "/initramfs", "/image", "/input", "/output",
            [.. machine.Data.Select((_, index) => FormattableString.Invariant($"/data{index}"))]);
        foreach (var (_, target) in Bound(machine, files, root))
            File.WriteAllBytes(target, []);
        return files;
    }

    private static IEnumerable<(string Source, string Target)> Bound(Machine machine, FirecrackerApi.Files files, string root) =>
    [
        (machine.Kernel, root + files.Kernel), (machine.Initramfs, root + files.Initramfs), (machine.Root, root + files.Root),
        .. machine.Data.Zip(files.Data, (image, file) => (image, root + file)),
    ];

    private static string? Find(string tool) => SearchPath.Select(folder => Path.Join(folder, tool)).FirstOrDefault(File.Exists);
}
