using System.Diagnostics;
using System.Text;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Sandboxes.Waiting;
using Lazaret.Tests.Conformance;
using Microsoft.Extensions.Logging.Abstractions;
using static Lazaret.Tests.Conformance.SandboxUnderTest;

namespace Lazaret.Tests.Sandboxes;

[Collection(nameof(SandboxConformance))]
public sealed class WarmBubblewrapTests() : WarmPoolTests(new SandboxOptions { Backend = "bubblewrap" }, "bwrap");

[Collection(nameof(SandboxConformance))]
public sealed class WarmCrunTests() : WarmPoolTests(new SandboxOptions { Backend = "oci", Oci = new() { Runtime = "crun" } }, "crun");

[Collection(nameof(SandboxConformance))]
public sealed class WarmGvisorTests() : WarmPoolTests(new SandboxOptions { Backend = "gvisor" }, "runsc");

/// <param name="backend">The backend that prepares them.</param>
/// <param name="program">The name of a sandbox's first process.</param>
public abstract class WarmPoolTests(SandboxOptions backend, string program)
{
    private const string Echo = """cat "$WORK/in.json" >"$WORK/out"; ls -A /tmp >>"$WORK/out"; : >/tmp/left; echo >"$WORK/left" """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_third_run_of_a_shape_gets_a_prepared_sandbox_that_no_run_has_used()
    {
        await using var pool = await PoolAsync(2);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(i > 1, pool.IsReadyFor(Script(Echo)));
            Assert.Equal($"input {i}", await OutputAsync(pool, With(Script(Echo), $"input {i}")));
            if (i > 0)
                await ReadyAsync(pool, Script(Echo));
        }
    }

    [Fact]
    public async Task A_run_that_differs_in_anything_but_its_id_and_its_inputs_bytes_gets_none_of_anothers()
    {
        await using var pool = await PoolAsync(1);
        await WarmAsync(pool, Script(Echo));
        Assert.True(pool.IsReadyFor(With(Script(Echo), "other") with { Id = "other" }));
        Assert.All(
            (SandboxRun[])
            [
                Script(""), Script(Echo) with { Root = "/opt" }, Script(Echo) with { Output = "left" }, Script(Echo) with { Mounts = [new("/srv", "/data")] },
                Script(Echo) with { Limits = new SandboxLimits { Pids = 9 } }, Script(Echo) with { Environment = _ => new Dictionary<string, string>() },
                Script(Echo) with { Inputs = new Dictionary<string, ReadOnlyMemory<byte>> { ["in.yaml"] = default } },
            ],
            other => Assert.False(pool.IsReadyFor(other)));
    }

    [Fact]
    public async Task Data_that_was_replaced_is_not_served_as_it_was()
    {
        using var folder = new TemporaryFolder();
        SandboxConformance.Share(folder.Path);
        var data = Path.Join(folder.Path, "data");
        var run = Script("""cat "$DATA/subjects.csv" >"$WORK/out" """) with { Mounts = [new(data, "/data")] };
        await using var pool = await PoolAsync(1);
        Lay("old");
        await WarmAsync(pool, run);
        Directory.Move(data, Path.Join(folder.Path, "was"));
        Lay("new");
        Assert.False(pool.IsReadyFor(run));
        Assert.Equal("new", await OutputAsync(pool, run));

        void Lay(string content)
        {
            Directory.CreateDirectory(data);
            File.WriteAllText(Path.Join(data, "subjects.csv"), content);
            SandboxConformance.Share(data);
        }
    }

    [Fact]
    public async Task A_full_pool_gives_up_its_oldest_for_another_shape()
    {
        await using var pool = await PoolAsync(1);
        await WarmAsync(pool, Script(Echo));
        await WarmAsync(pool, Script($"{Echo}; true"));
        Assert.False(pool.IsReadyFor(Script(Echo)));
    }

    [Fact]
    public async Task A_sandbox_that_was_killed_while_it_waited_costs_no_run()
    {
        await using var pool = await PoolAsync(1);
        await WarmAsync(pool, Script(Echo));
        var waiting = 0;
        await Wait.UntilAsync(() => Waiting() is [var one] && (waiting = one) != 0);
        using (var found = Process.GetProcessById(waiting))
            found.Kill();
        await Wait.UntilAsync(() => !pool.IsReadyFor(Script(Echo)));
        Assert.Equal("again", await OutputAsync(pool, With(Script(Echo), "again")));
    }

    [Fact]
    public async Task What_waits_too_long_is_given_up()
    {
        await using var pool = await PoolAsync(2, idleSeconds: 5);
        await WarmAsync(pool, Script(Echo));
        await Wait.UntilAsync(() => Waiting() is []);
    }

    [Fact]
    public async Task A_pool_that_ends_leaves_nothing()
    {
        await using var pool = await PoolAsync(2);
        await WarmAsync(pool, Script(Echo));
        await Wait.UntilAsync(() => Waiting() is [_, ..]);
        await pool.DisposeAsync();
        Assert.Empty(Waiting());
    }

    // A runtime that executes itself anew (crun does) has no command line at that moment.
    private int[] Waiting() =>
    [
        .. from process in SandboxHostProcess.All()
           where process.Parent == Environment.ProcessId && process.CommandLine.Contains($"/{program}\0", StringComparison.Ordinal)
           select process.Pid,
    ];

    private async Task<WarmPool> PoolAsync(int size, int idleSeconds = 600) => new(
        (IWarmSandbox)await BackendAsync(backend),
        new WarmPoolOptions { Size = size, IdleSeconds = idleSeconds },
        TimeProvider.System,
        NullLogger<WarmPool>.Instance);

    private static SandboxRun With(SandboxRun run, string input) =>
        run with { Inputs = new Dictionary<string, ReadOnlyMemory<byte>> { ["in.json"] = Encoding.UTF8.GetBytes(input) } };

    private static async Task<string> OutputAsync(WarmPool pool, SandboxRun run) =>
        Encoding.UTF8.GetString(Assert.IsType<SandboxOutcome.Completed>(await pool.RunAsync(run, Stop)).Output.Span);

    private static async Task WarmAsync(WarmPool pool, SandboxRun run)
    {
        await pool.RunAsync(run, Stop);
        await pool.RunAsync(run, Stop);
        await ReadyAsync(pool, run);
    }

    private static Task ReadyAsync(WarmPool pool, SandboxRun run) => Wait.UntilAsync(() => pool.IsReadyFor(run));
}
