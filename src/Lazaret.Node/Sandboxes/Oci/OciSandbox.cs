using System.Text.Json;
using Lazaret.Cohort.Files;
using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement.ControlGroups;
using Lazaret.Node.Sandboxes.Confinement;
using Microsoft.Win32.SafeHandles;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Sandboxes.Oci;

/// <summary>
/// Runs a program in a container that a runtime of the Open Container Initiative makes out of a generated bundle. Only for a node that root
/// started: to an ordinary user the runtimes have no user id to give to a program.
/// <para>
/// The runtime is the first process of a pid namespace, and keeps its state in the run's stage. When it is killed, or when the node is and the
/// kernel kills the runtime for it, the namespace ends, and with it the program and the stage. So no list of containers has to be cleaned up.
/// (Without such a namespace a program continues when its runtime is killed.)
/// </para>
/// </summary>
internal sealed class OciSandbox(string name, IReadOnlyList<OciRuntime> candidates, SandboxOptions options, TimeProvider time) : ISandbox
{
    // The shell waits for a line from the node before it becomes the runtime, so that nothing of the runtime runs outside of its limits. If the
    // node dies before, the pipe ends, and the shell with it.
    private const string Script = "set -eu; read -r go <&3; exec 3<&-; exec \"$@\"";

    private readonly RunIdentities _identities = new(options);
    private OciRuntime _runtime = candidates[0];

    public string Name => name;

    public async Task<SandboxProbe> ProbeAsync(CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            return SandboxProbe.Unavailable("it needs root, to give each program a user id of its own");
        _identities.Sweep();
        var reasons = new List<string>();
        foreach (var runtime in candidates)
        {
            if (Tools.Missing(runtime.Name, "setpriv", "unshare").ToArray() is [_, ..] missing)
            {
                reasons.Add($"{string.Join(" and ", missing)} not found: apt install {runtime.Name}");
                continue;
            }

            try
            {
                _runtime = runtime;
                if (await RunAsync(NoOp.Run, cancellationToken) is SandboxOutcome.Completed done)
                {
                    return done.Usage is null && !options.AllowUnboundedMemory
                        ? SandboxProbe.Refused(UnboundedMemory.Refusal)
                        : new SandboxProbe(
                            Available: true, $"{runtime.Name}: each program in a container, under a user id of its own ({_identities})", UnboundedMemory.Lacks(done.Usage));
                }

                reasons.Add($"a program that does nothing failed in {runtime.Name}");
            }
            catch (SandboxException e)
            {
                reasons.Add(e.Message);
            }
        }

        return SandboxProbe.Unavailable(string.Join("; ", reasons));
    }

    public async Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken)
    {
        SandboxRun.Check(run);
        cancellationToken.ThrowIfCancellationRequested();
        using var identity = _identities.Take(run);
        UnboundedMemory.Require(identity.Group, run, options);
        return await RunThread.Start($"sandbox {run.Id}", () => Run(run, identity, cancellationToken));
    }

    /// <summary>
    /// 1. Brings what the program can reach into memory, and lays out the stage with the bundle in it. 2. Starts the runtime's shell, which waits
    /// for a line. 3. Starts the clock, and writes the line. 4. Reads the log until no process can write to it any more, and waits for the end.
    /// 5. Reads the runtime's own messages, and the output.
    /// </summary>
    private SandboxOutcome Run(SandboxRun run, RunIdentity identity, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();

        // 1.
        PageCache.Fill(run.Reach, cancellationToken);
        var stage = new RunStage(run, identity.Uid);
        stage.Mount();
        using (var inputs = stage.MakeInputs(RunStage.Inputs))
            inputs.Write(run);
        ControlGroupTree.Hide(except: _runtime.NeedsHierarchy);
        File.WriteAllBytes($"{RunStage.Own}/config.json", OciBundle.Of(run, stage, identity, _runtime));
        identity.Group?.Limit(run.Limits with { Pids = run.Limits.Pids * _runtime.ProcessesForOne }, _runtime.OwnProcesses, _runtime.OwnMemory);

        // 2.
        var (readLog, writeLog) = Pipe();
        using var printed = new FileStream(readLog, FileAccess.Read, bufferSize: 0);
        using var printing = writeLog;
        var (readGo, writeGo) = Pipe();
        using var go = new FileStream(writeGo, FileAccess.Write, bufferSize: 0);
        using var waiting = readGo;
        using var runtime = Start(identity, printing, waiting);

        // 3.
        using var clock = RunClock.Start(run.Limits.Timeout, runtime.Kill, time, cancellationToken);
        Release(go);

        // 4.
        var log = new CappedLog(run.Limits.Log).Drain(printed, clock.Stop).ToString();
        var exitCode = runtime.WaitForExit();
        var wall = time.GetElapsedTime(start);
        var usage = identity.Group?.Usage();

        // 5.
        if (clock.IsTimedOut())
            return new SandboxOutcome.TimedOut(log, wall) { Usage = usage };
        if (Fault() is { } fault)
        {
            if (fault.Contains(_runtime.NoProgram, StringComparison.Ordinal))
                return new SandboxOutcome.Exited(ExitCodes.NoSuchProgram, log, wall) { Usage = usage };
            // When memory is short, the kernel may kill the runtime rather than the program.
            return usage is { OutOfMemory: true }
                ? new SandboxOutcome.Exited(ExitCodes.Killed, log, wall) { Usage = usage }
                : throw new SandboxException($"{_runtime.Name} did not run the program: {fault}");
        }

        using var work = OpenFolder(RunStage.Work);
        SandboxOutcome outcome = exitCode == 0 ? OutputFile.Read(work, run, log, wall) : new SandboxOutcome.Exited(exitCode, log, wall);
        return outcome with { Usage = usage };
    }

    /// <summary>Starts the shell that becomes the runtime, and closes its ends of the pipes here.</summary>
    private ChildProcess Start(RunIdentity identity, SafeFileHandle log, SafeFileHandle go)
    {
        string[] command =
        [
            Tools.Path("setpriv"), "--pdeathsig", "KILL", "--", Tools.Path("unshare"), "--mount-proc", "--", "/bin/sh", "-c", Script, "lazaret-sandbox",
            Tools.Path(_runtime.Name), .. _runtime.Arguments(RunStage.Own, identity.Name),
        ];
        using (log)
        using (go)
        using (var nothing = File.OpenHandle("/dev/null"))
            return identity.StartFirst(command, [nothing, log, log, go]);
    }

    private static void Release(FileStream go)
    {
        try
        {
            go.Write("go\n"u8);
        }
        catch (IOException)
        {
            // It was killed before it read the line. How it ended is read below, as always.
        }
    }

    /// <summary>The runtime's message that it could not run the program; null when it could.</summary>
    private static string? Fault()
    {
        const int MaxLog = 16 << 20;
        const string Log = $"{RunStage.Own}/{OciRuntime.Log}";
        if (!File.Exists(Log))
            return null;
        byte[] log;
        try
        {
            log = RegularFile.ReadAllBytes(Log, MaxLog);
        }
        catch (RegularFileException e)
        {
            return $"its log {e.Message}";
        }

        // An object an entry; runsc puts no newline between them.
        var reader = new Utf8JsonReader(log, new JsonReaderOptions { AllowMultipleValues = true });
        while (reader.Read())
        {
            using var entry = JsonDocument.ParseValue(ref reader);
            if (entry.RootElement.GetProperty("level").GetString() is "error" or "fatal")
                return entry.RootElement.GetProperty("msg").GetString();
        }

        return null;
    }
}
