using System.Globalization;
using System.Text;
using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Bubblewrap;

/// <summary>
/// Starts bubblewrap, which waits twice. First it waits for its arguments, which the node writes to a pipe once bubblewrap is within its
/// limits. Then, when the sandbox is set up, it waits for a byte before it starts the program, so that the inputs can be laid as late as that.
/// If the node dies, the kernel kills bubblewrap, too. If the node dies while it writes the arguments, they end early, and those that name
/// the namespaces, the capabilities and the seccomp filter come before the one that names the program's root.
/// <para>
/// Around bubblewrap lie a network namespace, whose loopback stays down (bubblewrap would bring its own up), a mount namespace for the
/// <see cref="RunStage"/>, and a pid namespace of which it is the first process: whoever kills it kills all, and once it has been waited
/// for, nothing is left. (bubblewrap alone dies with its parent too, but not while it is still setting up.)
/// </para>
/// </summary>
internal sealed class BubblewrapLaunch : IDisposable
{
    /// <summary>bubblewrap has two processes of its own among the program's.</summary>
    public const int OwnProcesses = 2;

    /// <summary>The word before the pid in the line by which the script says that the stage is laid out.</summary>
    private const string Ready = "ready ";

    // $1 is the mount options of the stage; the other arguments are the command of bubblewrap. The stage's folders (descriptor 7), its files
    // (8), one on each line, and its mounts (9) come by descriptors, since the length of an argument is bounded.
    private const string Script =
        $"""
        set -euf
        umask 022
        read -r pid rest </proc/self/stat
        mount -t tmpfs -o "nosuid,nodev,$1" lazaret {RunStage.Folder}
        IFS='
        '
        mkdir -p $(cat <&7)
        for file in $(cat <&8); do : >"$file"; done
        cat <&9 >{RunStage.Own}/fstab
        exec 7<&- 8<&- 9<&-
        mount --all --fstab {RunStage.Own}/fstab
        shift
        echo "{Ready}$pid" >&4
        exec "$@" 2>&1
        """;

    private static readonly string[] Setpriv = [Tools.Path("setpriv"), "--pdeathsig", "KILL"];

    private readonly BubblewrapPipes _pipes;
    private readonly ChildProcess _outermost;
    private readonly SafeFileHandle _first;
    private readonly StageInputs _inputs;

    /// <summary>Takes hold of the stage's folders and lets bubblewrap set the sandbox up. If that fails, pipes and process stay the caller's.</summary>
    /// <param name="place">The prefix of the stage's paths, as the node sees them.</param>
    private BubblewrapLaunch(BubblewrapPipes pipes, byte[] arguments, RunStage stage, ChildProcess outermost, int first, string place)
    {
        _pipes = pipes;
        _outermost = outermost;
        try
        {
            _first = LinuxCalls.OpenProcess(first);
            // A node that root started has made this check already, in RunStage.Mount.
            if (place.Length > 0)
                stage.CheckExact(place);
            _inputs = stage.MakeInputs(place + RunStage.Inputs);
            Work = LinuxCalls.OpenFolder(place + RunStage.Work);
        }
        catch
        {
            LetGo();
            throw;
        }

        Write(_pipes.Arguments, arguments);
    }

    public Stream Log => _pipes.Log;

    /// <summary>The work folder, which outlives the sandbox through this handle.</summary>
    public SafeFileHandle Work { get; }

    /// <summary>Whether the outermost process has ended.</summary>
    public bool HasEnded => _outermost.HasEnded;

    /// <summary>
    /// The calling thread makes the namespaces and lays out the stage, which no other thread sees. setpriv drops the user id: under root,
    /// bubblewrap would map its user to the host's root.
    /// </summary>
    public static BubblewrapLaunch AsRoot(SandboxRun run, RunSlot slot)
    {
        var stage = new RunStage(run, slot.Uid);
        stage.Mount();
        slot.Group?.Limit(run.Limits, OwnProcesses);
        var id = slot.Uid.ToString(CultureInfo.InvariantCulture);
        string[] command =
        [
            .. ResourceLimits.Command(run.Limits, OwnProcesses),
            .. Setpriv, "--reuid", id, "--regid", id, .. Groups(run, slot), "--no-new-privs", "--", .. Bubblewrap(run),
        ];
        var pipes = new BubblewrapPipes(run);
        ChildProcess? bubblewrap = null;
        try
        {
            bubblewrap = pipes.Connect(descriptors => slot.StartFirst(command, descriptors));
            return new BubblewrapLaunch(pipes, BubblewrapArguments.Of(run, stage), stage, bubblewrap, bubblewrap.Id, place: "");
        }
        catch
        {
            End(pipes, bubblewrap);
            throw;
        }
    }

    /// <summary>
    /// A process with many threads, as the node is, cannot enter a user namespace: unshare does, and a shell in there lays out the stage.
    /// </summary>
    /// <exception cref="SandboxException">The stage could not be laid out; the message has what the tools printed.</exception>
    public static BubblewrapLaunch AsOrdinaryUser(SandboxRun run, ControlGroup? group)
    {
        var stage = new RunStage(run, owner: null);
        string[] command =
        [
            .. Setpriv, "--", Tools.Path("unshare"), "--user", "--map-root-user", "--net", "--mount", "--propagation", "private", "--pid", "--fork",
            "--kill-child=KILL", "--", "/bin/sh", "-c", Script, "lazaret-sandbox",
            stage.Options,
            // The program has no user id of its own here, so that the limit on processes counts the process of unshare, too.
            .. ResourceLimits.Command(run.Limits, OwnProcesses + 1), .. Setpriv, "--no-new-privs", "--", .. Bubblewrap(run),
        ];
        var pipes = new BubblewrapPipes(run);
        // Standard error is the status pipe until the script's exec makes it the log, so that the node can read what the tools print.
        using var folders = LinuxCalls.Memory(string.Join('\n', stage.Folders()));
        using var files = LinuxCalls.Memory(string.Join('\n', stage.Files()));
        using var mounts = LinuxCalls.Memory(stage.Table());
        ChildProcess? outermost = null;
        try
        {
            outermost = pipes.Connect(descriptors => ChildProcess.Start(
                command, [descriptors[0], descriptors[1], descriptors[4], .. descriptors[3..], folders, files, mounts]));
            var pid = ReadReady(pipes.Status);
            // This shell becomes bubblewrap, which starts no process before it has its arguments: so it enters the group alone.
            group?.Limit(run.Limits, OwnProcesses);
            group?.Add(pid);
            return new BubblewrapLaunch(
                pipes, BubblewrapArguments.Of(run, stage), stage, outermost, pid, string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/root"));
        }
        catch
        {
            End(pipes, outermost);
            throw;
        }
    }

    /// <summary>Lays the inputs, and starts the program.</summary>
    public void Start(SandboxRun run)
    {
        _inputs.Lay(run);
        Write(_pipes.Go, [1]);
    }

    /// <summary>Blocks until the sandbox has ended; returns the status that bubblewrap wrote.</summary>
    public string WaitForExit()
    {
        var status = _pipes.Status.ReadToEnd();
        _outermost.WaitForExit();
        return status;
    }

    public void Kill() => LinuxCalls.Kill(_first);

    public void Dispose()
    {
        Kill();
        _outermost.Dispose();
        _pipes.Dispose();
        LetGo();
    }

    private void LetGo()
    {
        _first?.Dispose();
        _inputs?.Dispose();
        Work?.Dispose();
    }

    /// <summary>Of a launch that failed: whatever is below the outermost process ends with it.</summary>
    private static void End(BubblewrapPipes pipes, ChildProcess? outermost)
    {
        outermost?.Kill();
        outermost?.Dispose();
        pipes.Dispose();
    }

    /// <summary>The process id of the shell that laid out the stage.</summary>
    private static int ReadReady(StreamReader status)
    {
        var said = new StringBuilder();
        while (status.ReadLine() is { } line)
        {
            if (line.StartsWith(Ready, StringComparison.Ordinal))
                return int.Parse(line.AsSpan(Ready.Length), CultureInfo.InvariantCulture);
            said.Append(' ').Append(line);
        }

        throw new SandboxException($"the sandbox's folders could not be laid out:{said}");
    }

    private static void Write(FileStream pipe, ReadOnlySpan<byte> bytes)
    {
        try
        {
            using (pipe)
                pipe.Write(bytes);
        }
        catch (IOException)
        {
            // It was killed before it read them; how it ended is read from its pipes as always.
        }
    }

    /// <summary>The program's further groups: those that may use its devices, and the one that may read the cohort store.</summary>
    private static string[] Groups(SandboxRun run, RunSlot slot)
    {
        var groups = run.Devices.Select(device => LinuxCalls.Status(device).Group);
        if (slot.Visitors is { } visitors)
            groups = groups.Append((uint)visitors);
        return string.Join(',', groups) is { Length: > 0 } list ? ["--groups", list] : ["--clear-groups"];
    }

    private static string[] Bubblewrap(SandboxRun run) =>
        [Tools.Path("bwrap"), "--args", $"{BubblewrapArguments.ArgumentsDescriptor}", "--", .. run.Command];
}
