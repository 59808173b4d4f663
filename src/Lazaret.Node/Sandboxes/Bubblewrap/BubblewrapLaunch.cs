using System.Globalization;
using System.Text;
using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement.ControlGroups;
using Lazaret.Node.Sandboxes.Confinement;
using Lazaret.Node.Sandboxes.Waiting;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Bubblewrap;

/// <summary>
/// Starts bubblewrap, which waits twice. First it waits for its arguments, which the node writes to a pipe once bubblewrap is within its
/// limits. Then, when the sandbox is set up, it waits for a byte before it starts the program: the inputs can be written until then.
/// If the node dies, the kernel kills bubblewrap, too. If the node dies while it writes the arguments, bubblewrap may read only the first of
/// them; those that name the namespaces, the capabilities and the seccomp filter come before the one that names the program's root.
/// <para>
/// Around bubblewrap lie a network namespace, whose loopback stays down (bubblewrap would bring its own up), a mount namespace for the
/// <see cref="RunStage"/>, and a pid namespace of which it is the first process: killing it kills all processes in there, and when the node
/// has waited for its end, none is left. (bubblewrap alone also dies with its parent, but not while it is still setting up.)
/// </para>
/// </summary>
internal sealed class BubblewrapLaunch : ILaunch
{
    /// <summary>bubblewrap has two processes of its own among the program's.</summary>
    public const int OwnProcesses = 2;

    /// <summary>The word before the pid in the line by which the script says that the stage is laid out.</summary>
    private const string Ready = "ready ";

    // $1 is the mount options of the stage; the other arguments are the command of bubblewrap. The stage's folders (descriptor 7), its files
    // (8), one on each line, and its mounts (9) come by descriptors, since the length of an argument is bounded.
    // bubblewrap looks its child up in /proc by a number of its own pid namespace. Where /proc cannot be mounted anew, as below one of which
    // parts are masked, it finds whichever process has that number outside, if there is one.
    private const string Script =
        $"""
        set -euf
        umask 022
        read -r pid rest </proc/self/stat
        mount -t proc -o nosuid,nodev,noexec proc /proc 2>/dev/null || :
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

    private BubblewrapLaunch(BubblewrapPipes pipes, ChildProcess outermost, SafeFileHandle first, StageInputs inputs, SafeFileHandle work)
    {
        _pipes = pipes;
        _outermost = outermost;
        _first = first;
        _inputs = inputs;
        Work = work;
    }

    public Stream Log => _pipes.Log;

    /// <summary>The work folder, which outlives the sandbox through this handle.</summary>
    public SafeFileHandle Work { get; }

    public bool HasEnded => _outermost.HasEnded;

    /// <summary>
    /// The calling thread makes the namespaces and lays out the stage, which no other thread sees. setpriv drops the user id: under root,
    /// bubblewrap would map its user to the host's root.
    /// </summary>
    public static BubblewrapLaunch AsRoot(SandboxRun run, RunIdentity identity)
    {
        var stage = new RunStage(run, identity.Uid);
        stage.Mount();
        identity.Group?.Limit(run.Limits, OwnProcesses);
        var id = identity.Uid.ToString(CultureInfo.InvariantCulture);
        string[] command =
        [
            .. ResourceLimits.Command(run.Limits, OwnProcesses),
            .. Setpriv, "--reuid", id, "--regid", id, .. Groups(run, identity), "--no-new-privs", "--", .. Bubblewrap(run),
        ];
        return Launch(
            run,
            descriptors => identity.StartFirst(command, descriptors),
            (pipes, bubblewrap) => Begin(pipes, run, stage, bubblewrap, bubblewrap.Id, prefix: ""));
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
        using var folders = LinuxCalls.Memory(string.Join('\n', stage.Folders()));
        using var files = LinuxCalls.Memory(string.Join('\n', stage.Files()));
        using var mounts = LinuxCalls.Memory(stage.Table());
        return Launch(
            run,
            // Standard error is the status pipe until the script's exec makes it the log, so that the node can read what the tools print.
            descriptors => ChildProcess.Start(
                command, [descriptors[0], descriptors[1], descriptors[4], .. descriptors[3..], folders, files, mounts]),
            (pipes, outermost) =>
            {
                var pid = ReadReady(pipes.Status);
                // This shell becomes bubblewrap, which starts no process before it has its arguments: so it enters the group alone.
                group?.Limit(run.Limits, OwnProcesses);
                group?.Add(pid);
                return Begin(pipes, run, stage, outermost, pid, string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/root"));
            });
    }

    /// <summary>What bubblewrap wrote of its status, once it has ended.</summary>
    public string Status { get; private set; } = "";

    public void Start(SandboxRun run)
    {
        _inputs.Write(run);
        Write(_pipes.Go, [1]);
    }

    public void WaitForExit()
    {
        Status = _pipes.Status.ReadToEnd();
        _outermost.WaitForExit();
    }

    public void Kill() => LinuxCalls.Kill(_first);

    public void Dispose()
    {
        Kill();
        _outermost.Dispose();
        _pipes.Dispose();
        _first.Dispose();
        _inputs.Dispose();
        Work.Dispose();
    }

    /// <summary>Opens the pipes, starts a process with them, and goes on with it. If that fails, kills the process and closes the pipes.</summary>
    private static BubblewrapLaunch Launch(
        SandboxRun run, Func<SafeFileHandle[], ChildProcess> start, Func<BubblewrapPipes, ChildProcess, BubblewrapLaunch> begin)
    {
        var pipes = BubblewrapPipes.Open(run);
        ChildProcess? outermost = null;
        try
        {
            outermost = pipes.Connect(start);
            return begin(pipes, outermost);
        }
        catch
        {
            // Whatever is below the outermost process ends with it.
            outermost?.Kill();
            outermost?.Dispose();
            pipes.Dispose();
            throw;
        }
    }

    /// <summary>Opens what the node needs of the stage, and writes bubblewrap's arguments: then bubblewrap sets the sandbox up.</summary>
    /// <param name="first">The process whose end is the end of all others.</param>
    /// <param name="prefix">What stands before the stage's paths when the node opens them.</param>
    private static BubblewrapLaunch Begin(BubblewrapPipes pipes, SandboxRun run, RunStage stage, ChildProcess outermost, int first, string prefix)
    {
        SafeFileHandle? process = null;
        StageInputs? inputs = null;
        SafeFileHandle? work = null;
        try
        {
            process = LinuxCalls.OpenProcess(first);
            // A node that root started has made this check already, in RunStage.Mount.
            if (prefix.Length > 0)
                stage.CheckExact(prefix);
            inputs = stage.MakeInputs(prefix + RunStage.Inputs);
            work = LinuxCalls.OpenFolder(prefix + RunStage.Work);
            Write(pipes.Arguments, BubblewrapArguments.Of(run, stage));
            return new BubblewrapLaunch(pipes, outermost, process, inputs, work);
        }
        catch
        {
            process?.Dispose();
            inputs?.Dispose();
            work?.Dispose();
            throw;
        }
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
            // The process was killed before it read the bytes. How it ended is found out later.
        }
    }

    /// <summary>The program's further groups: those that may use its devices, and the one that may read the cohort store.</summary>
    private static string[] Groups(SandboxRun run, RunIdentity identity)
    {
        var groups = run.Devices.Select(device => LinuxCalls.Status(device).Group);
        if (identity.SharedGroup is { } shared)
            groups = groups.Append((uint)shared);
        return string.Join(',', groups) is { Length: > 0 } list ? ["--groups", list] : ["--clear-groups"];
    }

    private static string[] Bubblewrap(SandboxRun run) =>
        [Tools.Path("bwrap"), "--args", $"{BubblewrapArguments.ArgumentsDescriptor}", "--", .. run.Command];
}
