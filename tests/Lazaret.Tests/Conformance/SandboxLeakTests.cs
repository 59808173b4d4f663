using Lazaret.Node.Sandboxes;
using static Lazaret.Tests.Conformance.SandboxUnderTest;

namespace Lazaret.Tests.Conformance;

/// <summary>Counts what the whole process holds, so nothing else may run in it meanwhile.</summary>
[CollectionDefinition(nameof(SandboxLeakTests), DisableParallelization = true)]
[Collection(nameof(SandboxLeakTests))]
public sealed class SandboxLeakTests
{
    [Fact]
    public async Task Two_hundred_runs_in_a_row_leave_nothing_in_the_node()
    {
        var sandbox = await BackendAsync(new SandboxOptions { Backend = "bubblewrap" });
        var run = Script("echo >$WORK/out");
        await RunAsync(20);
        var (descriptors, mounts, memory) = (Descriptors(), Mounts(), Memory());
        await RunAsync(200);
        Assert.InRange(Descriptors(), 0, descriptors + 3);
        Assert.Equal(mounts, Mounts());
        Assert.InRange(Memory(), 0, memory + (1 << 20));

        async Task RunAsync(int times)
        {
            for (var i = 0; i < times; i++)
                Assert.IsType<SandboxOutcome.Completed>(await sandbox.RunAsync(run, TestContext.Current.CancellationToken));
        }

        static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

        static int Mounts() => File.ReadLines("/proc/self/mountinfo").Count();

        // What is still referred to; the process itself keeps room for more.
        static long Memory() => GC.GetTotalMemory(forceFullCollection: true);
    }
}
