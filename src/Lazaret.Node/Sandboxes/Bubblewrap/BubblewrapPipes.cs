using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Confinement;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Node.Sandboxes.Bubblewrap;

/// <summary>The pipes between the node and bubblewrap. The node closes bubblewrap's ends when bubblewrap has been started, or could not be.</summary>
internal sealed class BubblewrapPipes : IDisposable
{
    private static readonly byte[] Filter = SeccompFilter.Compile(SeccompProfile.Shipped);
    private static readonly byte[] FilterForDevices = SeccompFilter.Compile(SeccompProfile.ForDevices);

    /// <summary>The ends on both sides, in the order of their opening.</summary>
    private readonly List<SafeFileHandle> _opened = [];

    private BubblewrapPipes()
    {
    }

    /// <summary>What the program prints, and before it whatever fails to start it.</summary>
    public FileStream Log { get; private set; } = null!;

    /// <summary>What bubblewrap waits for before it sets anything up.</summary>
    public FileStream Arguments { get; private set; } = null!;

    /// <summary>What bubblewrap waits for before it starts the program: one byte.</summary>
    public FileStream Go { get; private set; } = null!;

    /// <summary>What bubblewrap says of the program's end.</summary>
    public StreamReader Status { get; private set; } = null!;

    /// <summary>bubblewrap's descriptors, from 0 on.</summary>
    private SafeFileHandle[] Theirs { get; set; } = [];

    public static BubblewrapPipes Open(SandboxRun run)
    {
        var pipes = new BubblewrapPipes();
        try
        {
            pipes.OpenAll(run.Devices is [] ? Filter : FilterForDevices);
            return pipes;
        }
        catch
        {
            pipes.Dispose();
            throw;
        }
    }

    /// <summary>Starts the process that gets the other ends, as descriptors 0 to 6.</summary>
    public ChildProcess Connect(Func<SafeFileHandle[], ChildProcess> start)
    {
        try
        {
            return start(Theirs);
        }
        finally
        {
            foreach (var end in Theirs)
                end.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var end in _opened)
            end.Dispose();
    }

    private void OpenAll(byte[] filter)
    {
        var nothing = File.OpenHandle("/dev/null");
        _opened.Add(nothing);
        var (readLog, writeLog) = OpenPipe();
        var (readArguments, writeArguments) = OpenPipe();
        var (readStatus, writeStatus) = OpenPipe();
        var (readFilter, writeFilter) = OpenPipe();
        var (readGo, writeGo) = OpenPipe();
        Log = new FileStream(readLog, FileAccess.Read, bufferSize: 0);
        Arguments = new FileStream(writeArguments, FileAccess.Write, bufferSize: 0);
        Go = new FileStream(writeGo, FileAccess.Write, bufferSize: 0);
        Status = new StreamReader(new FileStream(readStatus, FileAccess.Read, bufferSize: 0));
        Theirs = [nothing, writeLog, writeLog, readArguments, writeStatus, readFilter, readGo];
        // The filter is smaller than what a pipe holds: nobody has to read it yet.
        using var filled = new FileStream(writeFilter, FileAccess.Write, bufferSize: 0);
        filled.Write(filter);
    }

    private (SafeFileHandle Read, SafeFileHandle Write) OpenPipe()
    {
        var pipe = LinuxCalls.Pipe();
        _opened.AddRange(pipe.Read, pipe.Write);
        return pipe;
    }
}
