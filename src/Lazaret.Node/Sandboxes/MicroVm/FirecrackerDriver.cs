using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement;
using Microsoft.Win32.SafeHandles;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Sandboxes.MicroVm;

/// <summary>
/// Firecracker below its jailer: a root folder of its own, a user id of the run's own, its own filter of system calls. Around it is a pid
/// namespace that ends with the node, as for bubblewrap. It boots in an eighth of a second, so there is no template.
/// </summary>
internal sealed class FirecrackerDriver(SandboxOptions options, KvmProbe kvm, TimeProvider time) : IMachineDriver
{
    /// <summary>Its specification says 5 MiB; the rest is for what the kernel keeps for it.</summary>
    private const int OverheadMiB = 32;

    /// <summary>The shell, and the jailer that becomes Firecracker.</summary>
    private const int OwnProcesses = 2;

    private const string Firecracker = "firecracker";
    private const string Jailer = "jailer";
    private const string Socket = "/api.socket";
    private const int ConsoleCap = 16 << 10;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly RunIdentities _identities = new(options);

    public string Name => MicroVmOptions.Firecracker;

    public string? Missing()
    {
        if (Tools.Missing(Firecracker, Jailer).ToArray() is [_, ..] tools)
            return $"{string.Join(" and ", tools)} not found: install a release of github.com/firecracker-microvm/firecracker, or set Lazaret:Sandbox:MicroVm:Driver to qemu";
        if (!File.Exists(KvmProbe.Device))
            return $"{KvmProbe.Device} is missing: Firecracker needs KVM; set Lazaret:Sandbox:MicroVm:Driver to qemu";
        return Environment.IsPrivilegedProcess ? null : "Firecracker's jailer must be started by root; set Lazaret:Sandbox:MicroVm:Driver to qemu";
    }

    public Task<bool> IsAcceleratedAsync(Machine machine, CancellationToken cancellationToken) =>
        kvm.WorksAsync(async () => (await RunAsync(machine, CancellationToken.None)).Started, cancellationToken);

    /// <summary>
    /// 1. Takes a user id and a control group. 2. Lays the jail out. 3. Starts the jailer, and the clock. 4. Tells Firecracker about the machine
    /// and starts it. 5. Waits for its end. 6. Reads the output drive, and deletes the jail.
    /// </summary>
    public async Task<MachineEnd> RunAsync(Machine machine, CancellationToken cancellationToken)
    {
        if (Missing() is { } missing)
            throw new SandboxException(missing);

        // 1.
        using var identity = _identities.Take(machine.Images);

        // 2. The user id names the jail. No other run has this id, so files that are there were left by a node that was killed.
        var jail = Path.Join(Jails, identity.Name);
        FolderDeletion.Delete(jail);
        Directory.CreateDirectory(options.MicroVm.Jails, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var root = Directory.CreateDirectory(Path.Join(jail, "root")).FullName;
        SharedFile.MakeReadable(jail, root);
        try
        {
            var files = LayOut(machine, root);
            return await RunThread.Start($"machine {machine.Id}", () => Run(machine, files, root, identity, cancellationToken));
        }
        finally
        {
            FolderDeletion.Delete(jail);
        }
    }

    /// <summary>Jails that a killed node left hold a run's input.</summary>
    public void Sweep()
    {
        _identities.Sweep();
        if (!Directory.Exists(Jails))
            return;
        for (var uid = options.FirstUid; uid < options.FirstUid + options.UidCount; uid++)
        {
            using var identity = _identities.TryTake(uid);
            if (identity is not null)
                FolderDeletion.Delete(Path.Join(Jails, identity.Name));
        }
    }

    /// <summary>
    /// The jailer becomes Firecracker. When it changes its user id, the kernel forgets that it was to be killed with its parent (PR_SET_PDEATHSIG). So a
    /// shell stays the first process of the pid namespace: the kernel kills it with the node, and with it all in the namespace.
    /// </summary>
    internal static string[] Command(string name, int uid, string jails) =>
    [
        Tools.Path("setpriv"), "--pdeathsig", "KILL", "--", "/bin/sh", "-c", "\"$@\"; exit $?", "lazaret-sandbox",
        Tools.Path(Jailer), "--id", name, "--exec-file", Tools.Path(Firecracker), "--uid", $"{uid}", "--gid", $"{uid}",
        "--chroot-base-dir", jails, "--", "--api-sock", Socket,
    ];

    private string Jails => Path.Join(options.MicroVm.Jails, Firecracker);

    private MachineEnd Run(Machine machine, FirecrackerApi.Files files, string root, RunIdentity identity, CancellationToken cancellationToken)
    {
        // The images are mounted in the jail rather than copied, in a mount namespace that no other process sees.
        Unshare(Namespaces.Mount | Namespaces.Network);
        Mount("none", "/", null, MountOptions.Private | MountOptions.Recursive);
        foreach (var (source, target) in Bound(machine, files, root))
        {
            Mount(source, target, null, MountOptions.Bind);
            MakeReadOnly(target);
        }

        // 3.
        PageCache.Fill(machine.Reach, cancellationToken);
        identity.Group?.Limit(new SandboxLimits { Memory = (machine.MemoryMiB + (long)OverheadMiB) << 20, Cpus = machine.Processors, Pids = 64 }, OwnProcesses);
        var (read, write) = Pipe();
        using var printed = new FileStream(read, FileAccess.Read, bufferSize: 0);
        using var jailer = Start(identity, write);
        using var clock = RunClock.Start(machine.Timeout, jailer.Kill, time, cancellationToken);
        var console = Task.Run(() => new CappedLog(ConsoleCap).Drain(printed, clock.Stop).ToString(), CancellationToken.None);
        try
        {
            // 4.
            using var api = new FirecrackerApi(Path.Join(root, Socket));
            StartAsync(api, machine, files, Path.Join(root, Socket), console, clock.Stop).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (clock.Stop.IsCancellationRequested)
        {
            // The clock has killed it. How it ended is read below.
        }
        catch (Exception e)
        {
            jailer.Kill();
            if (e is SandboxException)
                throw;
            throw new SandboxException($"Firecracker ended while it was told about the machine: {e.Message}", e);
        }

        // 5.
        jailer.WaitForExit();
        var said = console.GetAwaiter().GetResult();
        var timedOut = clock.IsTimedOut();

        // 6.
        using var folder = OpenFolder(root);
        using var output = OpenUntrusted(folder, Path.GetFileName(files.Output)) ?? throw new SandboxException("the machine's output drive is gone");
        return new MachineEnd(LinuxCalls.Read(output, OutputDrive.Size), said, timedOut);
    }

    private ChildProcess Start(RunIdentity identity, SafeFileHandle log)
    {
        using (log)
        using (var nothing = File.OpenHandle("/dev/null"))
            return identity.StartFirst(Command(identity.Name, identity.Uid, options.MicroVm.Jails), [nothing, log, log]);
    }

    private async Task StartAsync(FirecrackerApi api, Machine machine, FirecrackerApi.Files files, string socket, Task console, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (!File.Exists(socket))
        {
            if (console.IsCompleted || time.GetElapsedTime(start) > Patience)
                throw new SandboxException("Firecracker did not start: its jailer ended, or never opened its socket");
            await Task.Delay(Poll, time, cancellationToken);
        }

        await api.StartAsync(machine, files, cancellationToken);
    }

    /// <summary>What lies where in the jail; files to be bound are empty until then.</summary>
    private static FirecrackerApi.Files LayOut(Machine machine, string root)
    {
        const UnixFileMode Shared = (UnixFileMode)0b110_110_110;
        File.WriteAllBytes(Path.Join(root, "input"), machine.Input());
        SharedFile.MakeReadable(Path.Join(root, "input"));
        using (var output = File.Create(Path.Join(root, "output")))
            output.SetLength(OutputDrive.Size);
        // Firecracker's user is not the node's, whatever the node's umask; nobody else can walk here.
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
}
