using System.Text.Json;
using Lazaret.Cohort.Files;
using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement.ControlGroups;
using Lazaret.Node.Sandboxes.Confinement;
using Lazaret.Node.Sandboxes.Waiting;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Sandboxes.Oci;

/// <summary>
/// Runs a program in a container that a runtime of the Open Container Initiative makes out of a generated bundle. Only for a node that root
/// started: to an ordinary user the runtimes have no user id to give to a program.
/// </summary>
internal sealed class OciSandbox(string name, IReadOnlyList<OciRuntime> candidates, SandboxOptions options, TimeProvider time) : IWarmSandbox
{
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
        var start = time.GetTimestamp();
        return await RunThread.Start($"sandbox {run.Id}", () => Launched(run, (launch, group) => Run(launch, run, group, start, cancellationToken)));
    }

    public Task<IPreparedSandbox> PrepareAsync(SandboxRun run)
    {
        SandboxRun.Check(run);
        return PreparedSandbox.StartAsync(prepared => Launched(run, (launch, group) => prepared.Wait(() => launch.HasEnded) is { } order
            ? Run(launch, order.Run, group, time.GetTimestamp(), order.CancellationToken)
            : null));
    }

    private T Launched<T>(SandboxRun run, Func<OciLaunch, ControlGroup?, T> body)
    {
        using var identity = _identities.Take(run);
        UnboundedMemory.Require(identity.Group, run, options);
        using var launch = OciLaunch.Of(run, identity, _runtime);
        return body(launch, identity.Group);
    }

    /// <summary>
    /// In a container that waits, or is about to: 1. Brings what the program can reach into memory. 2. Starts the clock. 3. Writes the inputs, and
    /// starts the program. 4. Reads the log until no process can write to it any more, and waits for the end. 5. Reads the runtime's own messages,
    /// and the output.
    /// </summary>
    private SandboxOutcome Run(OciLaunch launch, SandboxRun run, ControlGroup? group, long start, CancellationToken cancellationToken)
    {
        // 1.
        PageCache.Fill(run.Reach, cancellationToken);

        // 2.
        using var clock = RunClock.Start(run.Limits.Timeout, launch.Kill, time, cancellationToken);

        // 3.
        launch.Start(run);

        // 4.
        var log = new CappedLog(run.Limits.Log).Drain(launch.Log, clock.Stop).ToString();
        var exitCode = launch.WaitForExit();
        var wall = time.GetElapsedTime(start);
        var usage = group?.Usage();

        // 5.
        if (clock.IsTimedOut())
            return new SandboxOutcome.TimedOut(log, wall) { Usage = usage };
        if (Fault() is { } fault)
        {
            // When memory is short, the kernel may kill the runtime rather than the program.
            return usage is { OutOfMemory: true }
                ? new SandboxOutcome.Exited(ExitCodes.Killed, log, wall) { Usage = usage }
                : throw new SandboxException($"{_runtime.Name} did not run the program: {fault}");
        }

        using var work = OpenFolder(RunStage.Work);
        SandboxOutcome outcome = exitCode == 0 ? OutputFile.Read(work, run, log, wall) : new SandboxOutcome.Exited(exitCode, log, wall);
        return outcome with { Usage = usage };
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
