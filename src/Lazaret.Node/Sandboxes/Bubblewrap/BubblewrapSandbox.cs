using System.Text.Json;
using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement.ControlGroups;
using Lazaret.Node.Sandboxes.Confinement;
using Lazaret.Node.Sandboxes.Waiting;

namespace Lazaret.Node.Sandboxes.Bubblewrap;

/// <summary>
/// Runs a program in bubblewrap, in namespaces of its own for everything that Linux can separate. Started by root, each run has a user
/// id of its own; started by anybody else, it has the node's, in a user namespace.
/// </summary>
internal sealed class BubblewrapSandbox(SandboxOptions options, TimeProvider time) : LaunchedSandbox<BubblewrapLaunch>(time)
{
    private readonly RunIdentities? _identities = Environment.IsPrivilegedProcess ? new RunIdentities(options) : null;

    public override string Name => "bubblewrap";

    public override async Task<SandboxProbe> ProbeAsync(CancellationToken cancellationToken)
    {
        if (Tools.Missing("bwrap", "unshare", "setpriv", "prlimit", "mount").ToArray() is [_, ..] missing)
        {
            return SandboxProbe.Unavailable(
                $"{string.Join(" and ", missing)} not found: apt install bubblewrap (for bwrap), util-linux and mount");
        }

        try
        {
            Sweep();
            if (await RunAsync(NoOp.Run, cancellationToken) is not SandboxOutcome.Completed done)
                return SandboxProbe.Unavailable("a program that does nothing failed in it");
            return done.Usage is null && !options.AllowUnboundedMemory
                ? SandboxProbe.Refused(UnboundedMemory.Refusal)
                : new SandboxProbe(Available: true, Isolation(), Lacks(done));
        }
        catch (SandboxException e)
        {
            return SandboxProbe.Unavailable(
                "this machine, or a container around the node, forbids namespaces (see sysctl user.max_user_namespaces, "
                + $"kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns): {e.Message}");
        }
    }

    /// <summary>Removes what killed nodes left.</summary>
    public void Sweep()
    {
        if (_identities is null)
            UserGroups.Sweep();
        else
            _identities.Sweep();
    }

    protected override T Launched<T>(SandboxRun run, Func<BubblewrapLaunch, ControlGroup?, T> body)
    {
        using var identity = _identities?.Take(run);
        using var own = identity is null ? UserGroups.TryTake() : null;
        var group = identity?.Group ?? own;
        UnboundedMemory.Require(group, run, options);
        using var launch = identity is null ? BubblewrapLaunch.AsOrdinaryUser(run, group) : BubblewrapLaunch.AsRoot(run, identity);
        return body(launch, group);
    }

    /// <summary>The output is read through a handle that has outlived the mount namespace.</summary>
    protected override SandboxOutcome Conclude(BubblewrapLaunch launch, SandboxRun run, string log, TimeSpan wall, SandboxUsage? usage)
    {
        if (ExitCode(launch.Status) is { } exitCode)
            return exitCode == 0 ? OutputFile.Read(launch.Work, run, log, wall) : new SandboxOutcome.Exited(exitCode, log, wall);

        if (log.StartsWith("bwrap: execvp ", StringComparison.Ordinal))
            return new SandboxOutcome.Exited(ExitCodes.NoSuchProgram, log, wall);
        // When memory is short, the kernel may kill bubblewrap rather than the program.
        return usage is { OutOfMemory: true }
            ? new SandboxOutcome.Exited(ExitCodes.Killed, log, wall)
            // The message quotes no log that the program may have written, which may hold patients' data.
            : throw Failed(launch.Status, log.StartsWith("bwrap: ", StringComparison.Ordinal) ? log : "it was killed from outside");
    }

    /// <summary>The program's exit code out of bubblewrap's status lines; null when the program never ended by itself.</summary>
    private static int? ExitCode(string status)
    {
        foreach (var line in status.AsSpan().EnumerateLines())
        {
            if (line is ['{', ..] && JsonSerializer.Deserialize<Dictionary<string, long>>(line)!.TryGetValue("exit-code", out var exitCode))
                return (int)exitCode;
        }

        return null;
    }

    private static SandboxException Failed(string status, string log) =>
        new($"bubblewrap did not start the program: {string.Join("; ", $"{status}\n{log}".Split('\n', StringSplitOptions.RemoveEmptyEntries))}");

    private string Isolation() =>
        $"each program in namespaces of its own, under {(_identities is null ? "the node's user id" : $"a user id of its own ({_identities})")}";

    private IReadOnlyList<string> Lacks(SandboxOutcome probe) =>
    [
        .. UnboundedMemory.Lacks(probe.Usage),
        .. _identities is null
            ? (string[])["Programs run under the node's own user id. To give each run one of its own, start the node as root"]
            : [],
    ];
}
