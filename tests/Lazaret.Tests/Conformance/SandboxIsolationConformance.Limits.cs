using Lazaret.Node.Sandboxes;
using static Lazaret.Tests.Conformance.SandboxUnderTest;

namespace Lazaret.Tests.Conformance;

/// <summary>What a program may take of the machine.</summary>
public abstract partial class SandboxIsolationConformance
{
    [Fact]
    [Threat("filling disks, many files")]
    public async Task The_work_folder_is_bounded_in_bytes_and_in_files()
    {
        var run = Script("""
            cd "$WORK"
            head -c 2000000 /dev/zero >big 2>/dev/null; wc -c <big >/tmp/size; rm big
            n=0; while [ $n -lt 500 ] && : >f$n; do n=$((n+1)); done 2>/dev/null
            rm -f f*; echo "$(cat /tmp/size) $n" >out
            """);
        var output = await OutputAsync(run with { Limits = run.Limits with { Work = 1 << 20, Inodes = 100 } });
        Assert.Equal($"{1 << 20} 100", output.TrimEnd());
    }

    [Fact]
    [Threat("filling disks, many files")]
    public async Task Temporary_files_are_bounded()
    {
        var run = Script("""
            for folder in /tmp /dev/shm; do
                head -c 2000000 /dev/zero >$folder/big 2>/dev/null; wc -c <$folder/big; rm $folder/big
                n=0; while [ $n -lt 500 ] && : >$folder/f$n; do n=$((n+1)); done 2>/dev/null; echo $n
            done >"$WORK/out"
            """);
        var output = await OutputAsync(run with { Limits = run.Limits with { Temp = 1 << 20, Inodes = 100 } });
        Assert.Equal($"{1 << 20}\n100\n{1 << 20}\n100\n", output);
    }

    [Fact]
    [Threat("fork bombs")]
    public async Task A_fork_bomb_stays_within_its_processes()
    {
        const string Bomb = """n=0; while [ $n -lt 60 ]; do sleep 60 & n=$((n+1)); echo $n; done""";
        var run = Script("") with { Command = ["/bin/dash", "-c", Bomb], Limits = new SandboxLimits { Pids = 20 } };
        var outcome = Assert.IsType<SandboxOutcome.Exited>(await RunAsync(run));
        Assert.Contains("Cannot fork", outcome.Log, StringComparison.Ordinal);
        // What a node that was killed left counts under its user id until the machine's init takes note: no more than its limit, perhaps less.
        Assert.InRange(outcome.Log.Split('\n').Count(line => line.Length > 0 && line.All(char.IsAsciiDigit)), 16, 19);
    }

    [Fact]
    [Threat("more memory than allowed, one process")]
    public async Task A_program_that_wants_more_memory_than_its_limit_ends()
    {
        var run = HostileProgram.Run("touch", $"{256 << 20}");
        Assert.IsType<SandboxOutcome.Exited>(await RunAsync(run with { Limits = run.Limits with { Memory = 128 << 20 } }));
        Assert.IsType<SandboxOutcome.Completed>(await RunAsync(run with { Limits = run.Limits with { Memory = 512 << 20 } }));
    }

    [Theory]
    [InlineData("shared")]
    [InlineData("zero")]
    [InlineData("stack")]
    [InlineData("sockets")]
    [InlineData("tables")]
    [Threat("memory that no limit of a process counts: shared, of /dev/zero, stacks, sockets' buffers, page tables")]
    public async Task Memory_that_no_limit_of_a_process_counts_is_bounded_too(string kind)
    {
        var outcome = await RunAsync(Take(kind));
        if (outcome.Usage is not { } usage)
        {
            Assert.Skip("no control group can be used here");
            return;
        }

        Assert.IsNotType<SandboxOutcome.Completed>(outcome);
        Assert.InRange(usage.PeakMemory ?? 0, 0, (129 << 20) + OwnMemory);
    }

    /// <summary>Takes much more than its limit.</summary>
    private protected static SandboxRun Take(string kind)
    {
        var run = HostileProgram.Run("take", kind, $"{320 << 20}");
        return run with { Limits = run.Limits with { Memory = 128 << 20 } };
    }

    [Fact]
    [Threat("more memory than allowed, many processes")]
    public async Task Children_share_the_limit_on_memory()
    {
        const long Each = 40 << 20;
        var run = HostileProgram.Run("children", $"{Each}", "8");
        var outcome = await RunAsync(run with { Limits = run.Limits with { Memory = 128 << 20 } });
        if (outcome.Usage is not { } usage)
        {
            Assert.Skip("no control group can be used here");
            return;
        }

        Assert.True(usage.OutOfMemory);
        Assert.InRange(usage.PeakMemory ?? 0, 64 << 20, (129 << 20) + OwnMemory);
        // Silent, when the kernel picked the program that counts them.
        if (outcome.Log.StartsWith("holding ", StringComparison.Ordinal))
            Assert.InRange(int.Parse(outcome.Log.AsSpan("holding ".Length).TrimEnd()) * Each, 0, (128 << 20) + OwnMemory);
    }

    [Fact]
    [Threat("more processor than allowed")]
    public async Task A_spinning_program_gets_its_share_of_the_processors()
    {
        var run = HostileProgram.Run("spin");
        var outcome = await RunAsync(run with { Limits = run.Limits with { Cpus = 0.2, Timeout = TimeSpan.FromSeconds(1) } });
        Assert.IsType<SandboxOutcome.TimedOut>(outcome);
        if (outcome.Usage is { } usage)
            Assert.InRange(usage.Cpu, TimeSpan.FromMilliseconds(1), (outcome.Wall * 0.2) + TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    [Threat("flooding the log")]
    public async Task A_program_that_floods_its_log_mostly_waits_and_so_does_the_node()
    {
        var run = HostileProgram.Run("flood");
        var outcome = Assert.IsType<SandboxOutcome.TimedOut>(await RunAsync(run with { Limits = run.Limits with { Log = 100, Timeout = TimeSpan.FromSeconds(1) } }));
        if (outcome.Usage is { } usage && !HasKernelOfItsOwn)
            Assert.True(usage.Cpu < outcome.Wall / 2, $"{usage.Cpu} in {outcome.Wall}");
    }

    [Fact]
    public async Task Of_eight_at_once_each_keeps_to_its_own_share()
    {
        var sandbox = await SandboxAsync();
        var modest = new SandboxLimits { Cpus = 0.2, Memory = 128 << 20, Timeout = TimeSpan.FromSeconds(2) };
        var spinner = HostileProgram.Run("spin") with { Limits = modest };
        var hog = HostileProgram.Run("touch", $"{1 << 30}") with { Limits = modest };
        var neighbour = HostileProgram.Run("touch", $"{32 << 20}") with { Limits = new SandboxLimits { Memory = 128 << 20 } };
        var outcomes = await Task.WhenAll(
            ((SandboxRun[])[spinner, spinner, spinner, hog, hog, hog, neighbour, neighbour]).Select(run => sandbox.RunAsync(run, TestContext.Current.CancellationToken)));
        Assert.SkipWhen(outcomes[0].Usage is null, "no control group can be used here");
        Assert.All(outcomes[..3], spun =>
        {
            Assert.IsType<SandboxOutcome.TimedOut>(spun);
            Assert.True(spun.Usage!.Cpu <= (spun.Wall * modest.Cpus) + TimeSpan.FromMilliseconds(200), $"{spun.Usage.Cpu} in {spun.Wall}");
        });
        Assert.All(outcomes[3..6], full =>
        {
            Assert.IsNotType<SandboxOutcome.Completed>(full);
            Assert.True(full.Usage!.PeakMemory <= modest.Memory + OwnMemory + (1 << 20), $"{full.Usage.PeakMemory}");
        });
        Assert.All(outcomes[6..], left =>
        {
            Assert.IsType<SandboxOutcome.Completed>(left);
            Assert.False(left.Usage!.OutOfMemory);
        });
    }
}
