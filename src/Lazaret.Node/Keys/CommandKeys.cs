using System.ComponentModel;
using System.Diagnostics;

namespace Lazaret.Node.Keys;

/// <summary>The ring as a program prints it. It is asked again every five minutes, and when a record names a key that is not known.</summary>
internal sealed class CommandKeys(IReadOnlyList<string> command, TimeProvider time) : IKeyRingSource
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
            using var ring = new MemoryStream();
            var end = Task.WhenAll(program.StandardOutput.BaseStream.CopyToAsync(ring), program.WaitForExitAsync());
            try
            {
                end.WaitAsync(Patience, time).GetAwaiter().GetResult();
            }
            catch (TimeoutException)
            {
                Kill(program);
                program.StandardOutput.Dispose();
                throw new MissingException($"there is no encryption key: {Place} did not end in {Patience.TotalSeconds} s");
            }

            return program.ExitCode == 0
                ? KeyRing.Parse(ring.ToArray(), Place)
                : throw new MissingException($"there is no encryption key: {Place} ended with exit code {program.ExitCode}");
        }
        catch (Win32Exception e)
        {
            throw new MissingException($"there is no encryption key: {Place} cannot be started ({e.Message}): check Lazaret:Keys:Command");
        }
    }

    private static void Kill(Process program)
    {
        try
        {
            program.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is AggregateException or InvalidOperationException or Win32Exception)
        {
            // A program of another user, as by sudo, cannot be killed. Nobody waits for it any more.
        }
    }
}
