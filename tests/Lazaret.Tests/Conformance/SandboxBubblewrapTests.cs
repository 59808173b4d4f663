using System.Diagnostics;
using Lazaret.Node.Sandboxes;
using static Lazaret.Tests.Conformance.SandboxUnderTest;

namespace Lazaret.Tests.Conformance;

/// <summary>As the user who runs the tests; and started by root, once more as an ordinary user.</summary>
[Collection(nameof(SandboxConformance))]
public sealed class SandboxBubblewrapTests() : SandboxWarmConformance(new SandboxOptions { Backend = "bubblewrap", AllowUnboundedMemory = true })
{
    [Fact]
    public async Task A_program_that_a_signal_ends_is_reported_like_a_shell_would() =>
        Assert.Equal(137, Assert.IsType<SandboxOutcome.Exited>(await RunAsync(Script("kill -KILL $$"))).ExitCode);

    [Fact]
    public async Task Under_root_each_run_has_a_user_id_of_its_own()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "not root");
        var marker = Marker();
        var sandbox = await SandboxAsync();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var runs = Enumerable.Range(0, 2).Select(i => sandbox.RunAsync(Script($"exec sleep {marker}{i}"), cancellation.Token)).ToArray();
        await Wait.UntilAsync(() => Uids($"sleep\0{marker}0") is [_] && Uids($"sleep\0{marker}1") is [_]);
        int[] uids = [.. Uids($"sleep\0{marker}0"), .. Uids($"sleep\0{marker}1")];
        await cancellation.CancelAsync();
        foreach (var run in runs)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.All(uids, uid => Assert.InRange(uid, FirstUid, FirstUid + UidCount - 1));
        Assert.Equal(2, uids.Distinct().Count());
    }

    [Fact]
    public async Task Under_root_a_folder_that_only_root_can_read_is_refused_with_what_to_do()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "not root");
        var sandbox = await SandboxAsync();
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var run = Script("") with { Mounts = [new(folder.Path, "/data")] };
        var refusal = await Assert.ThrowsAsync<SandboxException>(() => sandbox.RunAsync(run, TestContext.Current.CancellationToken));
        Assert.Contains($"chmod -R o+rX {folder.Path}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sandbox_killed_from_outside_is_no_outcome_and_its_log_stays_out_of_the_message()
    {
        var marker = Marker();
        var sandbox = await SandboxAsync();
        var run = sandbox.RunAsync(Script($"echo what it read; exec sleep {marker}"), TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => Runs($"sleep\0{marker}"));
        // The outermost of the two.
        var bubblewrap = SandboxHostProcess.All()
            .Where(process => process.CommandLine.Contains("/bwrap\0--args", StringComparison.Ordinal) && process.CommandLine.Contains(marker, StringComparison.Ordinal))
            .MinBy(process => process.Pid)!;
        Process.GetProcessById(bubblewrap.Pid).Kill();
        var fault = await Assert.ThrowsAsync<SandboxException>(() => run);
        Assert.Contains("killed from outside", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("what it read", fault.Message, StringComparison.Ordinal);
        AssertGone(marker);
    }

    private static int[] Uids(string commandLine) =>
    [
        .. from process in SandboxHostProcess.All()
           where process.CommandLine.StartsWith(commandLine, StringComparison.Ordinal)
           select process.Uid,
    ];

    [Fact]
    public async Task No_thread_of_the_node_stays_in_the_namespaces_of_a_run()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "an ordinary user's node enters no namespaces itself");
        var sandbox = await SandboxAsync();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => sandbox.RunAsync(Script("true"), TestContext.Current.CancellationToken)));
        var own = new FileInfo("/proc/self/ns/net").LinkTarget;
        // .NET's compiler may have been started from a run's thread: it ends some seconds after its last work.
        List<string> strays = [];
        await Wait.UntilAsync(async () => (strays = await FindStraysAsync()).Count == 0, () => $"the end of {string.Join(", ", strays)}");

        async Task<List<string>> FindStraysAsync()
        {
            var found = new List<string>();
            foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
            {
                // Those of runs that other tests have going on are meant to be there.
                if (await NameAsync(thread) is { } name && !name.StartsWith("sandbox", StringComparison.Ordinal) && (new FileInfo($"{thread}/ns/net").LinkTarget ?? own) != own)
                    found.Add(name.Trim());
            }

            return found;
        }

        static async Task<string?> NameAsync(string thread)
        {
            try
            {
                return await File.ReadAllTextAsync($"{thread}/comm", TestContext.Current.CancellationToken);
            }
            catch (IOException)
            {
                // It has ended.
                return null;
            }
        }
    }

    [Fact]
    public async Task Thousands_of_files_can_be_mounted_one_by_one()
    {
        using var folder = new TemporaryFolder();
        Share(folder.Path);
        // More than bubblewrap takes arguments.
        var mounts = Enumerable.Range(0, 3500).Select(i => new ReadOnlyMount(folder[$"{i}"], folder[$"{i}"]) { IsExact = true }).ToList();
        foreach (var mount in mounts)
            await File.WriteAllTextAsync(mount.Source, "v", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["beside"], "not a volume", TestContext.Current.CancellationToken);
        var script = $"""cd {folder.Path}; echo more 2>/dev/null >7; rm 8 2>/dev/null; printf '%s %s %s' "$(ls | wc -l)" "$(cat 7)" "$(cat 3499)" >"$WORK/out" """;
        Assert.Equal("3500 v v", await OutputAsync(Script(script) with { Mounts = mounts }));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/etc/passwd")]
    public async Task A_file_that_is_a_link_by_now_is_not_mounted(string target)
    {
        using var folder = new TemporaryFolder();
        Share(folder.Path);
        File.CreateSymbolicLink(folder["volume"], target);
        Directory.CreateSymbolicLink(folder["away"], "/etc");
        foreach (var source in (string[])[folder["volume"], folder["away/passwd"]])
        {
            var run = Script("") with { Mounts = [new ReadOnlyMount(source, "/volumes/one") { IsExact = true }] };
            var refusal = await Assert.ThrowsAsync<SandboxException>(() => RunAsync(run));
            Assert.Contains("is a link by now", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task All_of_this_holds_for_an_ordinary_user_in_a_delegated_control_group()
    {
        using var groups = DelegatedGroups.Make(OrdinaryUser.Id);
        var output = await OrdinaryUser.RunAsync(groups?.Folders ?? [], "-class", typeof(SandboxBubblewrapTests).FullName!);
        if (groups is not null)
            Assert.DoesNotContain("no control group can be used", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ordinary_user_without_a_control_group_is_told_what_to_do()
    {
        var output = await OrdinaryUser.RunAsync(
            [], "-explicit", "on", "-method", $"{typeof(SandboxBubblewrapTests).FullName}.{nameof(What_would_run_unbounded_is_refused_until_that_is_accepted)}");
        Assert.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
    }

    /// <summary>Run by the test above.</summary>
    [Fact(Explicit = true)]
    public async Task What_would_run_unbounded_is_refused_until_that_is_accepted()
    {
        using var state = new TemporaryFolder();
        // Nor does "auto" take the process backend instead, which bounds and isolates nothing.
        foreach (var backend in (string[])["bubblewrap", "auto"])
        {
            var backends = Backends(new SandboxOptions { Backend = backend }, state: state.Path);
            var refusal = await Assert.ThrowsAsync<SandboxException>(() => backends.ChooseAsync(TestContext.Current.CancellationToken));
            foreach (var part in (string[])["bubblewrap", "no control group can be used here", "Delegate=yes", "Lazaret:Sandbox:AllowUnboundedMemory"])
                Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
        }

        var accepted = await Backends(new SandboxOptions { AllowUnboundedMemory = true }, state: state.Path).ChooseAsync(TestContext.Current.CancellationToken);
        Assert.Equal("bubblewrap", accepted.Name);
        var probe = await accepted.ProbeAsync(TestContext.Current.CancellationToken);
        Assert.Contains(probe.Lacks, lack => lack.StartsWith("No control group can be used here, so the memory", StringComparison.Ordinal));
        // Which is true.
        foreach (var kind in (string[])["shared", "zero", "sockets", "tables"])
            Assert.IsType<SandboxOutcome.Completed>(await accepted.RunAsync(Take(kind), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_a_node_left_in_other_groups_than_its_own_is_swept_too()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root makes control groups");
        var hierarchy = Directory.Exists("/sys/fs/cgroup/pids") ? "/sys/fs/cgroup/pids" : "/sys/fs/cgroup";
        var elsewhere = Directory.CreateDirectory($"{hierarchy}/elsewhere-{Environment.ProcessId}");
        try
        {
            var left = elsewhere.CreateSubdirectory($"lazaret-{FirstUid + UidCount - 1}");
            var anothers = elsewhere.CreateSubdirectory($"lazaret-{FirstUid + UidCount}");
            await Backends("bubblewrap").ChooseAsync(TestContext.Current.CancellationToken);
            Assert.False(Directory.Exists(left.FullName));
            Assert.True(Directory.Exists(anothers.FullName));
            anothers.Delete();
        }
        finally
        {
            elsewhere.Delete();
        }
    }
}
