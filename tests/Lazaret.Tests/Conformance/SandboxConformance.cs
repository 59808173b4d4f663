using System.Text;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;
using static Lazaret.Tests.Conformance.SandboxUnderTest;

namespace Lazaret.Tests.Conformance;

/// <summary>What every backend does, isolated or not.</summary>
public abstract class SandboxConformance(SandboxOptions backend)
{
    private static int s_markers;

    /// <summary>A number of seconds to sleep that finds a program again in the host's process list.</summary>
    protected static string Marker() => $"7{Environment.ProcessId}.{Interlocked.Increment(ref s_markers)}";

    protected SandboxOptions Backend => backend;

    protected virtual Task<ISandbox> SandboxAsync() => BackendAsync(backend);

    protected async Task<SandboxOutcome> RunAsync(SandboxRun run)
    {
        var sandbox = await SandboxAsync();
        var before = Host();
        var outcome = await sandbox.RunAsync(run, TestContext.Current.CancellationToken);
        Assert.Equal(before, Host());
        return outcome;
    }

    /// <summary>Runs a script that must end well, and returns what it wrote.</summary>
    protected async Task<string> OutputAsync(SandboxRun run)
    {
        var outcome = await RunAsync(run);
        return Encoding.UTF8.GetString(Assert.IsType<SandboxOutcome.Completed>(outcome).Output.Span);
    }

    protected Task<string> OutputAsync(string script) => OutputAsync(Script(script));

    /// <summary>What a run could leave behind.</summary>
    protected virtual string Host() => string.Join('\n', Directory.EnumerateDirectories(Path.GetTempPath(), $"lazaret-{Script("").Id}-*"));

    /// <summary>Whether what is written to stdout and then to stderr is logged in that order.</summary>
    protected virtual bool KeepsOrderOfStreams => true;

    /// <summary>Whether a program is running, of which the host may see no more than its sandbox.</summary>
    protected virtual bool IsRunning(string marker) => Runs(marker);

    /// <summary>Of a run that was stopped as soon as its clock was started.</summary>
    protected virtual async Task AssertTimedOutAsync(Task<SandboxOutcome> run) => Assert.IsType<SandboxOutcome.TimedOut>(await run);

    protected static bool Runs(string marker) =>
        SandboxHostProcess.All().Any(process => process.CommandLine.Contains(marker, StringComparison.Ordinal));

    [Fact]
    public async Task A_program_reads_its_input_and_its_output_is_returned() =>
        Assert.Equal("{\"a\":1}!", await OutputAsync("""printf '%s!' "$(cat "$WORK/in.json")" >"$WORK/out" """));

    [Fact]
    public async Task A_program_reads_the_data_view()
    {
        var view = Directory.CreateTempSubdirectory("view with spaces ");
        try
        {
            File.WriteAllText(Path.Join(view.FullName, "subjects.csv"), "subject_id");
            var run = Script("""cat "$DATA/subjects.csv" >"$WORK/out" """) with { Mounts = [new(view.FullName, "/data")] };
            Share(view.FullName);
            Assert.Equal("subject_id", await OutputAsync(run));
        }
        finally
        {
            view.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("exit 3", 3)]
    [InlineData("(kill -KILL $BASHPID); exit $?", 137)]
    [InlineData("exec /nothing/here", 126)]
    public async Task An_exit_code_is_reported(string script, int exitCode)
    {
        var outcome = Assert.IsType<SandboxOutcome.Exited>(await RunAsync(Script(script)));
        Assert.InRange(outcome.ExitCode, exitCode, exitCode == 126 ? 127 : exitCode);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_the_runs_fault()
    {
        var outcome = await RunAsync(Script("") with { Command = ["/model/run"] });
        Assert.NotEqual(0, Assert.IsType<SandboxOutcome.Exited>(outcome).ExitCode);
    }

    [Theory]
    [InlineData("true", "missing")]
    [InlineData("mkdir $WORK/out", "no regular file")]
    [InlineData("ln -s /etc/passwd $WORK/out", "a link")]
    [InlineData("ln -s in.json $WORK/out", "a link")]
    [InlineData("echo >$WORK/other; ln $WORK/other $WORK/out", "a hard link")]
    [InlineData("truncate -s 1025 $WORK/out", "1025 bytes")]
    [InlineData("truncate -s 3000000 $WORK/out", "3000000 bytes")]
    [Threat("an output that is a link, device, FIFO, hard link, sparse, huge")]
    public async Task What_is_no_output_file_is_refused(string script, string why)
    {
        var outcome = await RunAsync(Script(script) with { Limits = new SandboxLimits { Output = 1024 } });
        Assert.Contains(why, Assert.IsType<SandboxOutcome.BadOutput>(outcome).Why, StringComparison.Ordinal);
    }

    [Fact]
    [Threat("an output that is a link, device, FIFO, hard link, sparse, huge")]
    public async Task A_pipe_is_no_output_whether_the_host_sees_it_or_not() =>
        Assert.Matches("no regular file|missing", Assert.IsType<SandboxOutcome.BadOutput>(await RunAsync(Script("mkfifo $WORK/out"))).Why);

    [Fact]
    public async Task An_output_of_exactly_the_limit_is_returned() =>
        Assert.Equal(1024, (await OutputAsync(Script("truncate -s 1024 $WORK/out") with { Limits = new SandboxLimits { Output = 1024 } })).Length);

    [Fact]
    public async Task Both_streams_are_logged_up_to_the_cap_and_a_flood_does_not_block()
    {
        var run = Script($"""echo first; echo second >&2; {(KeepsOrderOfStreams ? "" : "sleep 0.5; ")}head -c 20000000 /dev/zero | tr '\0' x; echo >"$WORK/out" """);
        var outcome = Assert.IsType<SandboxOutcome.Completed>(await RunAsync(run with { Limits = run.Limits with { Log = 100 } }));
        Assert.Equal(100, outcome.Log.Length);
        Assert.Contains(outcome.Log[..16], KeepsOrderOfStreams ? (string[])["first\nsecond\nxxx"] : ["first\nsecond\nxxx", "second\nfirst\nxxx"]);
    }

    [Fact]
    [Threat("terminal escapes in the log")]
    public async Task A_log_carries_no_escape_sequences() =>
        Assert.Equal("\uFFFD[31mred\n", (await RunAsync(Script("printf '\\033[31mred\\n'"))).Log);

    [Fact]
    public async Task A_timeout_kills_children_and_grandchildren()
    {
        var marker = Marker();
        var run = Script($"trap '' TERM INT HUP; (sleep {marker} & sleep {marker}) & echo started; sleep {marker}");
        var timeout = TimeSpan.FromMilliseconds(1500);
        SandboxOutcome.TimedOut outcome;
        // Some runtimes start the program within that time, which on a busy machine may be too short.
        do
            outcome = Assert.IsType<SandboxOutcome.TimedOut>(await RunAsync(run with { Limits = new SandboxLimits { Timeout = timeout } }));
        while (outcome.Log.Length == 0 && (timeout *= 3) < TimeSpan.FromMinutes(1));
        Assert.Equal("started\n", outcome.Log);
        AssertGone(marker);
    }

    [Fact]
    public async Task What_a_program_leaves_running_ends_with_it()
    {
        var marker = Marker();
        Assert.Equal("done", await OutputAsync($"""sleep {marker} & printf done >"$WORK/out" """));
        AssertGone(marker);
    }

    [Fact]
    public async Task A_cancelled_run_throws_once_nothing_is_left()
    {
        var marker = Marker();
        var sandbox = await SandboxAsync();
        var before = Host();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = sandbox.RunAsync(Script($"sleep {marker} & sleep {marker}"), cancellation.Token);
        await Wait.UntilAsync(() => IsRunning(marker));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        AssertGone(marker);
        Assert.Equal(before, Host());
    }

    /// <summary>What comes first decides, on a clock that the test moves.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_both_times_out_and_is_cancelled_has_one_outcome(bool timesOutFirst)
    {
        var marker = Marker();
        var time = new RunTime(TimeSpan.FromHours(1));
        var sandbox = await BackendAsync(Backends(backend, time: time), backend);
        var before = Host();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = sandbox.RunAsync(
            Script($"trap '' TERM INT HUP; sleep {marker} & sleep {marker}") with { Limits = new SandboxLimits { Timeout = time.Longest } }, cancellation.Token);
        await time.Started.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        if (timesOutFirst)
            time.Advance(2 * time.Longest);
        await cancellation.CancelAsync();
        time.Advance(2 * time.Longest);
        if (timesOutFirst)
            await AssertTimedOutAsync(run);
        else
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        AssertGone(marker);
        Assert.Equal(before, Host());
    }

    [Fact]
    public async Task A_run_that_is_cancelled_at_once_leaves_nothing()
    {
        var sandbox = await SandboxAsync();
        var before = Host();
        foreach (var milliseconds in (int[])[1, 3, 5, 8, 12, 18, 25])
        {
            using var cancellation = new CancellationTokenSource(milliseconds);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sandbox.RunAsync(Script("sleep 9"), cancellation.Token));
        }

        Assert.Equal(before, Host());
    }

    [Fact]
    public async Task The_environment_is_the_given_one_and_what_dotnet_needs()
    {
        var names = (await OutputAsync("""env | cut -d= -f1 | sort | tr '\n' ' ' >"$WORK/out" """)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                "DATA", "DOTNET_BUNDLE_EXTRACT_BASE_DIR", "DOTNET_EnableDiagnostics", "DOTNET_EnableWriteXorExecute",
                "DOTNET_GCHeapHardLimit", "DOTNET_PROCESSOR_COUNT", "HOME", "PWD", "SHLVL", "WORK", "_",
            ],
            names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_nodes_descriptors_are_closed()
    {
        using var held = File.OpenRead("/proc/self/exe");
        var open = await OutputAsync("""exec >"$WORK/out"; for fd in 3 4 5 6 7 8 9 1{0..9} 2{0..9} 3{0..9} 251; do readlink /proc/$$/fd/$fd && echo $fd; done; true """);
        Assert.Equal("", open);
    }

    [Fact]
    public async Task Eight_run_at_once_without_mixing()
    {
        var sandbox = await SandboxAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => sandbox.RunAsync(
            Script($"""echo {i} >"$WORK/out"; sleep 0.3; echo {i} >>"$WORK/out" """), TestContext.Current.CancellationToken)));
        Assert.Equal(
            Enumerable.Range(0, 8).Select(i => $"{i}\n{i}\n"),
            outcomes.Select(outcome => Encoding.UTF8.GetString(Assert.IsType<SandboxOutcome.Completed>(outcome).Output.Span)));
    }

    [Fact]
    public async Task The_cohort_store_is_read_by_the_run_that_is_given_it_though_it_is_closed_to_others()
    {
        using var folder = new TemporaryFolder();
        var state = new StateFolder(folder["state"], new SandboxOptions { FirstUid = FirstUid, UidCount = UidCount }.SharedGroup);
        state.Create();
        await File.WriteAllTextAsync(state.CohortStore, "subject", TestContext.Current.CancellationToken);
        state.Create();
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(state.CohortStore) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite));
        var cohort = Path.GetDirectoryName(state.CohortStore)!;
        var run = Script("""cat "$DATA/cohort.store" >"$WORK/out" """) with { Mounts = [new ReadOnlyMount(cohort, "/data")] };
        Assert.Equal("subject", await OutputAsync(run));
    }

    [Fact]
    public async Task A_malformed_run_is_refused()
    {
        var sandbox = await SandboxAsync();
        foreach (var run in (SandboxRun[])
            [
                Script("") with { Output = "../out" },
                Script("") with { Inputs = new Dictionary<string, ReadOnlyMemory<byte>> { ["a/b"] = default } },
                Script("") with { Command = ["sh"] },
                Script("") with { Mounts = [new("relative", "/data")] },
            ])
        {
            await Assert.ThrowsAsync<ArgumentException>(() => sandbox.RunAsync(run, TestContext.Current.CancellationToken));
        }
    }

    internal static void Share(string folder) => File.SetUnixFileMode(folder, File.GetUnixFileMode(folder)
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

    protected static void AssertGone(string marker) => Assert.False(Runs(marker));
}
