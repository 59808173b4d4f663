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
internal sealed class OciSandbox(string name, IReadOnlyList<OciRuntime> candidates, SandboxOptions options, TimeProvider time)
    : LaunchedSandbox<OciLaunch>(time)
{
    private readonly RunIdentities _identities = new(options);
    private OciRuntime _runtime = candidates[0];

    public override string Name => name;

    public override async Task<SandboxProbe> ProbeAsync(CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            return SandboxProbe.Unavailable("it needs root, to give each program a user id of its own", "run the node as root, or take another backend (docs/sandboxes.md)");
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

    protected override T Launched<T>(SandboxRun run, Func<OciLaunch, ControlGroup?, T> body)
    {
        using var identity = _identities.Take(run);
        UnboundedMemory.Require(identity.Group, run, options);
        using var launch = OciLaunch.Of(run, identity, _runtime);
        return body(launch, identity.Group);
    }

    protected override SandboxOutcome Conclude(OciLaunch launch, SandboxRun run, string log, TimeSpan wall, SandboxUsage? usage)
    {
        if (Fault() is { } fault)
        {
            // When memory is short, the kernel may kill the runtime rather than the program.
            return usage is { OutOfMemory: true }
                ? new SandboxOutcome.Exited(ExitCodes.Killed, log, wall)
                : throw new SandboxException($"{_runtime.Name} did not run the program: {fault}");
        }

        using var work = OpenFolder(RunStage.Work);
        return launch.ExitCode == 0 ? OutputFile.Read(work, run, log, wall) : new SandboxOutcome.Exited(launch.ExitCode, log, wall);
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

        // One object per entry; runsc puts no newline between them.
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
