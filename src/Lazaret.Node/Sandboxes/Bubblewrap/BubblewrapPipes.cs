using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Bubblewrap;

/// <summary>What connects the node and bubblewrap. bubblewrap's ends are closed here once it has them.</summary>
internal sealed class BubblewrapPipes : IDisposable
{
    private static readonly byte[] Filter = SeccompFilter.Compile(SeccompProfile.Shipped);
    private static readonly byte[] FilterForDevices = SeccompFilter.Compile(SeccompProfile.ForDevices);

    private readonly SafeFileHandle[] _theirs;

    public BubblewrapPipes(SandboxRun run)
    {
        var (log, arguments, status, filter, start) = (LinuxCalls.Pipe(), LinuxCalls.Pipe(), LinuxCalls.Pipe(), LinuxCalls.Pipe(), LinuxCalls.Pipe());
        Log = new FileStream(log.Read, FileAccess.Read, bufferSize: 0);
        Arguments = new FileStream(arguments.Write, FileAccess.Write, bufferSize: 0);
        Go = new FileStream(start.Write, FileAccess.Write, bufferSize: 0);
        Status = new StreamReader(new FileStream(status.Read, FileAccess.Read, bufferSize: 0));
        _theirs = [File.OpenHandle("/dev/null"), log.Write, log.Write, arguments.Read, status.Write, filter.Read, start.Read];
        // Smaller than what a pipe holds: nobody has to read it yet.
        using var filled = new FileStream(filter.Write, FileAccess.Write, bufferSize: 0);
        filled.Write(run.Devices is [] ? Filter : FilterForDevices);
    }

    /// <summary>What the program prints, and before it whatever fails to start it.</summary>
    public FileStream Log { get; }

    /// <summary>What bubblewrap waits for before it sets anything up.</summary>
    public FileStream Arguments { get; }

    /// <summary>What bubblewrap waits for before it starts the program: one byte.</summary>
    public FileStream Go { get; }

    /// <summary>What bubblewrap says of the program's end.</summary>
    public StreamReader Status { get; }

    /// <summary>Starts what takes the other ends, as descriptors 0 to 6.</summary>
    public ChildProcess Connect(Func<SafeFileHandle[], ChildProcess> start)
    {
        try
        {
            return start(_theirs);
        }
        finally
        {
            foreach (var end in _theirs)
                end.Dispose();
        }
    }

    public void Dispose()
    {
        Log.Dispose();
        Arguments.Dispose();
        Go.Dispose();
        Status.Dispose();
    }
}
