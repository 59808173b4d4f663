using System.ComponentModel;
using System.Diagnostics;

namespace Lazaret.Node.Keys;

/// <summary>The ring as a program prints it. It is asked again every five minutes, and when a record names a key that is not known.</summary>
internal sealed class CommandKeys(IReadOnlyList<string> command, TimeProvider time) : IKeySource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(5);

    public string Place => $"the command {command[0]}";

    public string HowToBegin => "check Lazaret:Keys:Command; 'lazaret keys init --print' prints a new ring to put there";

    public long Stamp => time.GetUtcNow().Ticks / Validity.Ticks;

    public KeyRing Read()
    {
        try
        {
            // The program inherits the node's stderr, and complains there.
            using var program = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, UseShellExecute = false })!;
            using var timeout = new CancellationTokenSource(Patience, time);
            using var killing = timeout.Token.UnsafeRegister(_ => Kill(program), state: null);
            using var ring = new MemoryStream();
            program.StandardOutput.BaseStream.CopyTo(ring);
            program.WaitForExit();
            return program.ExitCode == 0 && !timeout.IsCancellationRequested
                ? KeyRing.Parse(ring.ToArray(), Place)
                : throw new MissingException($"there is no encryption key: {Place} ended with exit code {program.ExitCode}{(timeout.IsCancellationRequested ? $" after {Patience.TotalSeconds} s" : "")}");
        }
        catch (Win32Exception e)
        {
            throw new MissingException($"there is no encryption key: {Place} cannot be started ({e.Message}): check Lazaret:Keys:Command");
        }
    }

    // Runs on a timer's thread, where an exception would end the node. A program of another user (sudo) cannot be killed: the pipe is closed, so that nobody waits for it.
    private static void Kill(Process program)
    {
        try
        {
            program.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is AggregateException or InvalidOperationException or Win32Exception)
        {
            program.StandardOutput.Dispose();
        }
    }
}
