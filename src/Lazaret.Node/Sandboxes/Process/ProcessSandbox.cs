using System.Diagnostics;
using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement;
using static Lazaret.Node.Linux.LinuxCalls;

namespace Lazaret.Node.Sandboxes.Process;

/// <summary>
/// For development only: starts the program on the host, as the node's own user, with the host's files and network. It holds the limits
/// on time, output and log, and nothing else; a program that leaves its process group outlives its run.
/// </summary>
internal sealed partial class ProcessSandbox(TimeProvider time, ILogger<ProcessSandbox> logger) : ISandbox
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public string Name => "process";

    public bool Isolates => false;

    public Task<SandboxProbe> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            RunFolder.Sweep();
        }
        catch (SandboxException e)
        {
            return Task.FromResult(SandboxProbe.Unavailable(e.Message));
        }

        return Task.FromResult(new SandboxProbe(
            Available: true,
            "development only: programs run on the host like any other",
            ["no isolation at all: a program sees this machine's files, network and processes"]));
    }

    public Task<SandboxOutcome> RunAsync(SandboxRun run, CancellationToken cancellationToken)
    {
        SandboxRun.Check(run);
        cancellationToken.ThrowIfCancellationRequested();
        LogNotIsolated(logger, run.Id);
        return RunThread.Start($"sandbox {run.Id}", () => Run(run, cancellationToken));
    }

    private SandboxOutcome Run(SandboxRun run, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var folder = RunFolder.Make(run.Id);
        foreach (var (name, bytes) in run.Inputs)
        {
            var path = Path.Join(folder.Work, name);
            File.WriteAllBytes(path, bytes.Span);
            File.SetUnixFileMode(path, UnixFileMode.UserRead);
        }

        CloseDescriptorsOnExec();
        using var program = new System.Diagnostics.Process { StartInfo = Start(run, folder.Work) };
        program.Start();
        program.StandardInput.Close();
        using var printed = program.StandardOutput;

        using var clock = RunClock.Start(run.Limits.Timeout, () => Kill(program), time, cancellationToken);
        var output = new CappedLog(run.Limits.Log);
        var drained = RunThread.Start($"log of {run.Id}", () => output.Drain(printed.BaseStream, CancellationToken.None));
        program.WaitForExit();
        SpinWait.SpinUntil(() => !KillGroup(program.Id), Grace);
        // A process that has left the group may keep the log open, and nothing here can find it.
        drained.Wait(Grace, CancellationToken.None);
        var log = output.ToString();

        var wall = time.GetElapsedTime(start);
        if (clock.IsTimedOut())
            return new SandboxOutcome.TimedOut(log, wall);
        if (program.ExitCode != 0)
            return new SandboxOutcome.Exited(program.ExitCode, log, wall);
        using var work = OpenFolder(folder.Work);
        return OutputFile.Read(work, run, log, wall);
    }

    // A program that does not lead its group yet has started no other process, so that killing it is enough. What it starts between these two
    // calls is in the group, which is killed once more after the program's end.
    private static void Kill(System.Diagnostics.Process program)
    {
        KillGroup(program.Id);
        program.Kill();
    }

    /// <summary>The program in a session, and so in a process group, of its own; stderr joins stdout.</summary>
    private static ProcessStartInfo Start(SandboxRun run, string work)
    {
        var start = new ProcessStartInfo(Tools.Path("setpriv"))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = work,
            ArgumentList =
            {
                "--pdeathsig", "KILL", Tools.Path("setsid"), "/bin/sh", "-c", "exec \"$0\" \"$@\" 2>&1", Path.Join(run.Root, run.Command[0]),
            },
        };
        foreach (var argument in run.Command.Skip(1))
            start.ArgumentList.Add(argument);

        var data = run.Mounts.FirstOrDefault(mount => mount.Target == SandboxPaths.Mounted.Data)?.Source ?? SandboxPaths.Mounted.Data;
        start.Environment.Clear();
        foreach (var (name, value) in run.EnvironmentAt(new SandboxPaths(work, data)))
            start.Environment[name] = value;
        return start;
    }

    [LoggerMessage(LogLevel.Warning, "Run {Run} is NOT ISOLATED: the process sandbox is for development only. Set Lazaret:Sandbox:Backend.")]
    private static partial void LogNotIsolated(ILogger logger, string run);
}
