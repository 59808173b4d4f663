using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using static Lazaret.Node.Sandboxes.LinuxCalls;

namespace Lazaret.Node.Sandboxes;

/// <summary>
/// Runs a program in bubblewrap, in namespaces of its own for everything that Linux can separate. Started by root, each run has a user
/// id of its own; started by anybody else, it has the node's, in a user namespace.
/// </summary>
internal sealed class BubblewrapSandbox(SandboxOptions options, TimeProvider time) : ISandbox
{
    /// <summary>The exit code by which a shell says so.</summary>
    private const int NoSuchProgram = 127;

    /// <summary>The exit code of what SIGKILL ended.</summary>
    private const int Killed = 137;

    private readonly UidSlots? _uids = Environment.IsPrivilegedProcess ? new UidSlots(options) : null;

    public string Name => "bubblewrap";

    public async Task<SandboxProbe> ProbeAsync(CancellationToken cancellationToken)
    {
        if (BubblewrapLaunch.MissingTools().ToArray() is [_, ..] missing)
        {
            return SandboxProbe.Unavailable(
                $"{string.Join(" and ", missing)} not found: apt install bubblewrap (for bwrap), util-linux and mount");
        }

        try
        {
            SweepGroups();
            return await RunAsync(NoOp.Run, cancellationToken) is SandboxOutcome.Completed done
                ? new SandboxProbe(Available: true, Isolation(), Lacks(done))
                : SandboxProbe.Unavailable("a program that does nothing failed in it");
        }
        catch (SandboxException e)
        {
            return SandboxProbe.Unavailable(
                "this machine, or a container around the node, forbids namespaces (see sysctl user.max_user_namespaces, "
                + $"kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns): {e.Message}");
        }
    }

    public async Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken)
    {
        SandboxRun.Check(run);
        cancellationToken.ThrowIfCancellationRequested();
        if (_uids is not null)
            CheckReadable(run);
        using var slot = _uids?.Take();
        using var group = slot is null ? null : ControlGroup.TryCreate(GroupOf(slot.Uid));
        return await RunThread.Start($"sandbox {run.Id}", () => Run(run, slot?.Uid, group, cancellationToken));
    }

    /// <summary>
    /// 1. Starts the launch, which stops before bubblewrap reads its arguments. 2. Takes hold of the process that everything dies with.
    /// 3. Bounds it and lays the inputs into its folders. 4. Arms the clock. 5. Lets bubblewrap go. 6. Reads what is printed until
    /// nobody is left to print, and waits. 7. Reads the output through a handle that outlived the namespace.
    /// </summary>
    private SandboxOutcome Run(SandboxRun run, int? uid, ControlGroup? group, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();

        // 1.
        CloseDescriptorsOnExec();
        using var launch = Process.Start(BubblewrapLaunch.Process(run, uid))!;
        // Disposing of a process leaves the streams that were asked for open.
        using var output = launch.StandardOutput;
        using var status = launch.StandardError;

        // 2.
        var said = new StringBuilder();
        if (ReadyPid(status, said) is not { } pid)
            throw Failed(said.ToString(), new CappedLog(run.Limits.Log).Drain(output.BaseStream).ToString());
        using var first = OpenProcess(pid);
        try
        {
            // 3.
            group?.Limit(run.Limits, BubblewrapLaunch.OwnProcesses);
            group?.Add(pid);
            LayInputs(BubblewrapLaunch.HostPath(pid, "in"), run.Inputs);
            using var work = OpenFolder(BubblewrapLaunch.HostPath(pid, "work"));

            // 4.
            using var timeout = new CancellationTokenSource(run.Limits.Timeout, time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            using var killing = stop.Token.UnsafeRegister(_ => Kill(first), state: null);

            // 5.
            Release(launch, BubblewrapLaunch.Arguments(run));

            // 6.
            var log = new CappedLog(run.Limits.Log).Drain(output.BaseStream).ToString();
            var ended = status.ReadToEnd();
            launch.WaitForExit();
            var wall = time.GetElapsedTime(start);
            if (ExitCode(ended) is not { } exitCode)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (log.StartsWith("bwrap: execvp ", StringComparison.Ordinal))
                    return new SandboxOutcome.Exited(NoSuchProgram, log, wall);
                var usage = group?.Usage();
                if (timeout.IsCancellationRequested)
                    return new SandboxOutcome.TimedOut(log, wall) { Usage = usage };
                // The kernel may have picked bubblewrap itself.
                return usage is { OutOfMemory: true }
                    ? new SandboxOutcome.Exited(Killed, log, wall) { Usage = usage }
                    // A log that the program may have written is no part of a message: it may hold what the program read.
                    : throw Failed(ended, log.StartsWith("bwrap: ", StringComparison.Ordinal) ? log : "it was killed from outside");
            }

            // 7.
            SandboxOutcome outcome = exitCode == 0 ? OutputFile.Read(work, run, log, wall) : new SandboxOutcome.Exited(exitCode, log, wall);
            return outcome with { Usage = group?.Usage() };
        }
        finally
        {
            Kill(first);
            launch.WaitForExit();
        }
    }

    /// <summary>Reads up to the line that says so; null when the launch ends without. What else it says is kept.</summary>
    private static int? ReadyPid(StreamReader status, StringBuilder said)
    {
        while (status.ReadLine() is { } line)
        {
            if (line.StartsWith(BubblewrapLaunch.Ready, StringComparison.Ordinal))
                return int.Parse(line.AsSpan(BubblewrapLaunch.Ready.Length), CultureInfo.InvariantCulture);
            said.AppendLine(line);
        }

        return null;
    }

    private static void CheckReadable(SandboxRun run)
    {
        foreach (var path in run.Mounts.Select(mount => mount.Source).Prepend(run.Root))
        {
            var needed = UnixFileMode.OtherRead | (Directory.Exists(path) ? UnixFileMode.OtherExecute : UnixFileMode.None);
            if ((File.GetUnixFileMode(path) & needed) != needed)
                throw new SandboxException($"{path} must be readable by others, since a program's user id is not the node's: chmod -R o+rX {path}");
        }
    }

    private static string GroupOf(int uid) => FormattableString.Invariant($"lazaret-{uid}");

    /// <summary>Removes the control groups of nodes that were killed: those whose user id is free.</summary>
    private void SweepGroups()
    {
        for (var uid = options.FirstUid; _uids is not null && uid < options.FirstUid + options.UidCount; uid++)
        {
            if (ControlGroup.Find(GroupOf(uid)) is not { } group)
                continue;
            using var slot = _uids.TryTake(uid);
            if (slot is not null)
                group.Dispose();
        }
    }

    private static void LayInputs(string folder, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> inputs)
    {
        // Readable by all: only the sandbox can walk to them, and its user id is not the node's.
        const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode Walkable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in inputs)
        {
            var path = Path.Join(folder, name);
            File.WriteAllBytes(path, bytes.Span);
            File.SetUnixFileMode(path, Readable);
        }

        File.SetUnixFileMode(folder, Readable | Walkable);
    }

    private static void Release(Process launch, byte[] arguments)
    {
        try
        {
            using var pipe = launch.StandardInput.BaseStream;
            pipe.Write(arguments);
        }
        catch (IOException)
        {
            // It was killed before it read them; how it ended is read from its pipes as always.
        }
    }

    /// <summary>The program's exit code out of bubblewrap's status lines; null when the program never ended by itself.</summary>
    private static int? ExitCode(string status)
    {
        foreach (var line in status.AsSpan().EnumerateLines())
        {
            if (line is ['{', ..] && JsonSerializer.Deserialize<Dictionary<string, int>>(line)!.TryGetValue("exit-code", out var exitCode))
                return exitCode;
        }

        return null;
    }

    private static SandboxException Failed(string status, string log) =>
        new($"bubblewrap did not start the program: {string.Join("; ", $"{status}\n{log}".Split('\n', StringSplitOptions.RemoveEmptyEntries))}");

    private string Isolation() => _uids is null
        ? "each program in namespaces of its own, under the node's user id"
        : FormattableString.Invariant(
            $"each program in namespaces of its own, under a user id of its own ({options.FirstUid} to {options.FirstUid + options.UidCount - 1})");

    private IReadOnlyList<string> Lacks(SandboxOutcome probe) =>
    [
        .. probe.Usage is null
            ? (string[])["no aggregate memory limit, since no control group is writable: each process is bounded, their sum is not"]
            : [],
        .. _uids is null
            ? (string[])["programs have the node's own user id: start the node as root to give each run one of its own"]
            : [],
    ];
}
