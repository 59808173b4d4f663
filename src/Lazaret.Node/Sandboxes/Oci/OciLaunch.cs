using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement;
using Lazaret.Node.Sandboxes.Confinement.ControlGroups;
using Lazaret.Node.Sandboxes.Waiting;
using Microsoft.Win32.SafeHandles;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Sandboxes.Oci;

/// <summary>
/// Starts a container, in which the <see cref="StartGate"/> waits for a byte before it executes the program: the inputs can be written until then.
/// <para>
/// The runtime is the first process of a pid namespace, and keeps its state in the run's stage. When it is killed, or when the node is and the
/// kernel kills the runtime for it, the namespace ends, and with it the program and the stage. So no list of containers has to be cleaned up.
/// (Without such a namespace a program continues when its runtime is killed.)
/// </para>
/// </summary>
internal sealed class OciLaunch : ILaunch
{
    // The shell waits for a line from the node before it becomes the runtime, so that nothing of the runtime runs outside of its limits. If the
    // node dies before, the pipe ends, and the shell with it. The program's byte comes by the same pipe, of which the shell reads no more than the line.
    private const string Script = "set -eu; read -r go; exec \"$@\"";

    /// <summary>What is closed at the end: the node's ends of the pipes, and the runtime's, which may be closed by then.</summary>
    private readonly List<SafeFileHandle> _ends = [];

    private StageInputs? _inputs;
    private ChildProcess? _runtime;

    private OciLaunch()
    {
    }

    public Stream Log { get; private set; } = null!;

    public bool HasEnded => _runtime!.HasEnded;

    private FileStream Go { get; set; } = null!;

    /// <summary>The calling thread makes the namespaces and lays out the stage, which no other thread sees.</summary>
    public static OciLaunch Of(SandboxRun run, RunIdentity identity, OciRuntime runtime)
    {
        var launch = new OciLaunch();
        try
        {
            launch.LayOut(run, identity, runtime);
            launch.StartRuntime(identity, runtime);
            return launch;
        }
        catch
        {
            launch.Dispose();
            throw;
        }
    }

    /// <summary>The program's, as a shell gives it.</summary>
    public int ExitCode { get; private set; }

    public void Start(SandboxRun run)
    {
        _inputs!.Write(run);
        Write("\n"u8);
        // The program reads the end of the pipe from its standard input.
        Go.Dispose();
    }

    public void WaitForExit() => ExitCode = _runtime!.WaitForExit();

    public void Kill() => _runtime!.Kill();

    public void Dispose()
    {
        _runtime?.Kill();
        _runtime?.Dispose();
        foreach (var end in _ends)
            end.Dispose();
        _inputs?.Dispose();
    }

    private void LayOut(SandboxRun run, RunIdentity identity, OciRuntime runtime)
    {
        var stage = new RunStage(run, identity.Uid);
        stage.Mount();
        _inputs = stage.MakeInputs(RunStage.Inputs);
        StartGate.Write(RunStage.SharedMemory);
        ControlGroupTree.Hide(except: runtime.NeedsHierarchy);
        File.WriteAllBytes($"{RunStage.Own}/config.json", OciBundle.Of(run, stage, identity, runtime));
        identity.Group?.Limit(run.Limits with { Pids = run.Limits.Pids * runtime.ProcessesForOne }, runtime.OwnProcesses, runtime.OwnMemory);
    }

    /// <summary>Starts the shell that becomes the runtime, and closes its ends of the pipes here.</summary>
    private void StartRuntime(RunIdentity identity, OciRuntime runtime)
    {
        // unshare makes a mount namespace and mounts /proc anew.
        string[] command =
        [
            Tools.Path("setpriv"), "--pdeathsig", "KILL", "--", Tools.Path("unshare"), "--mount-proc", "--", "/bin/sh", "-c", Script, "lazaret-sandbox",
            Tools.Path(runtime.Name), .. runtime.Arguments(RunStage.Own, identity.Name),
        ];
        var (readLog, writeLog) = OpenPipe();
        var (readGo, writeGo) = OpenPipe();
        Log = new FileStream(readLog, FileAccess.Read, bufferSize: 0);
        Go = new FileStream(writeGo, FileAccess.Write, bufferSize: 0);
        using (readGo)
        using (writeLog)
            _runtime = identity.StartFirst(command, [readGo, writeLog, writeLog]);
        Write("go\n"u8);
    }

    private (SafeFileHandle Read, SafeFileHandle Write) OpenPipe()
    {
        var pipe = Pipe();
        _ends.AddRange(pipe.Read, pipe.Write);
        return pipe;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Go.Write(bytes);
        }
        catch (IOException)
        {
            // The process was killed before it read the bytes. How it ended is found out later.
        }
    }
}
