using Lazaret.Node.Linux;
using Lazaret.Node.Sandboxes.Bubblewrap;
using Lazaret.Tests.Conformance;
using Microsoft.Win32.SafeHandles;

namespace Lazaret.Tests.Sandboxes;

public sealed class BubblewrapPipesTests
{
    [Fact]
    public void No_end_stays_open_when_the_start_fails()
    {
        var pipes = BubblewrapPipes.Open(SandboxUnderTest.Script(""));
        SafeFileHandle[] theirs = [];
        Assert.Throws<IOException>(() => pipes.Connect(descriptors =>
        {
            theirs = descriptors;
            return ChildProcess.Start(["/nothing/here"], descriptors);
        }));
        Assert.Equal(7, theirs.Length);
        Assert.All(theirs, end => Assert.True(end.IsClosed));
        AssertOursCloseWith(pipes);
    }

    [Fact]
    public void No_end_stays_open_when_there_was_no_start()
    {
        var pipes = BubblewrapPipes.Open(SandboxUnderTest.Script(""));
        var log = new FileInfo($"/proc/self/fd/{pipes.Log.SafeFileHandle.DangerousGetHandle()}").LinkTarget;
        AssertOursCloseWith(pipes);
        // Neither our end of it nor theirs: both have the name of the pipe.
        Assert.DoesNotContain(Directory.GetFiles("/proc/self/fd"), descriptor => new FileInfo(descriptor).LinkTarget == log);
    }

    private static void AssertOursCloseWith(BubblewrapPipes pipes)
    {
        SafeFileHandle[] ours = [pipes.Log.SafeFileHandle, pipes.Arguments.SafeFileHandle, pipes.Go.SafeFileHandle];
        pipes.Dispose();
        Assert.All(ours, end => Assert.True(end.IsClosed));
    }
}
