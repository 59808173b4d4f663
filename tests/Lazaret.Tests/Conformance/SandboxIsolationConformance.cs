using Lazaret.Node.Sandboxes.Confinement.ControlGroups;
using System.Diagnostics;
using System.Text;
using Lazaret.Node.Sandboxes;
using static Lazaret.Tests.Conformance.SandboxUnderTest;

namespace Lazaret.Tests.Conformance;

/// <summary>What every backend holds that claims to isolate.</summary>
public abstract partial class SandboxIsolationConformance(SandboxOptions backend) : SandboxConformance(backend)
{
    /// <summary>Whether the program talks to a kernel of its own, whose files and network are not the host's.</summary>
    protected virtual bool HasKernelOfItsOwn => false;

    /// <summary>Whether the host reads the data itself, to make a drive of them.</summary>
    protected virtual bool CopiesData => false;

    /// <summary>What the sandbox may take beside the program's own limit.</summary>
    protected virtual long OwnMemory => 0;

    /// <summary>Processes under the sandboxes' user ids, mounts, control groups.</summary>
    protected override string Host() => string.Join(
        '\n',
        [
            .. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains("lazaret ", StringComparison.Ordinal) || line.Contains("/sys/kernel/", StringComparison.Ordinal)),
            .. Environment.IsPrivilegedProcess ? ProcessesOfPrograms() : [],
            .. Environment.IsPrivilegedProcess ? ControlGroupTree.Find($"lazaret-{FirstUid.ToString()[..2]}") : ControlGroupTree.FindOwn("lazaret-"),
        ]);

    private static IEnumerable<string> ProcessesOfPrograms() =>
        from process in SandboxHostProcess.All() where process.Uid is >= FirstUid and < FirstUid + UidCount select process.CommandLine;

    /// <summary>Run by the test below, under another umask.</summary>
    [Fact(Explicit = true)]
    public async Task A_run_of_a_node_that_keeps_its_files_to_itself()
    {
        using var view = new TemporaryFolder();
        view.Write("conn/a.nii", "volume");
        foreach (var path in (string[])[view.Path, view["conn"], view["conn/a.nii"]])
            Share(path);
        var run = Script("""cat "$DATA/conn/a.nii" "$WORK/in.json" /volumes/deep/a >/tmp/all && cat /tmp/all >"$WORK/out" """) with
        {
            Mounts = [new(view.Path, "/data"), new(view["conn/a.nii"], "/volumes/deep/a")],
        };
        var outcome = await (await SandboxAsync()).RunAsync(run, TestContext.Current.CancellationToken);
        Assert.Equal("volume{\"a\":1}volume", Encoding.UTF8.GetString(Assert.IsType<SandboxOutcome.Completed>(outcome).Output.Span));
    }

    [Fact]
    public async Task A_nodes_umask_closes_nothing_to_programs()
    {
        await SandboxAsync();
        string[] arguments =
        [
            "-c", "umask 077; exec \"$@\"", "sh", Environment.ProcessPath!,
            "-method", $"{GetType().FullName}.{nameof(A_run_of_a_node_that_keeps_its_files_to_itself)}", "-explicit", "on", "-noColor",
        ];
        using var node = Process.Start(new ProcessStartInfo("/bin/sh", arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0 && output.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", StringComparison.Ordinal), output);
    }

    [Fact]
    [Threat("outliving the run or the node: daemons, ignored signals")]
    public async Task A_daemon_does_not_outlive_its_run()
    {
        var marker = Marker();
        await OutputAsync($"""(setsid sleep {marker} &); echo >"$WORK/out" """);
        AssertGone(marker);
        var run = Script($"(setsid sleep {marker} &); kill -STOP 1; sleep {marker}");
        Assert.IsType<SandboxOutcome.TimedOut>(await RunAsync(run with { Limits = new SandboxLimits { Timeout = TimeSpan.FromMilliseconds(500) } }));
        AssertGone(marker);
    }

    [Fact]
    public async Task A_program_has_no_privileges()
    {
        var status = await OutputAsync("""(cat /proc/self/status; id -u; id -G; hostname) >"$WORK/out" """);
        if (!HasKernelOfItsOwn)
            Assert.Contains("\nNoNewPrivs:\t1\n", status, StringComparison.Ordinal);
        foreach (var set in (string[])["Inh", "Prm", "Eff", "Bnd", .. HasKernelOfItsOwn ? (string[])[] : ["Amb"]])
            Assert.Contains($"\nCap{set}:\t0000000000000000\n", status, StringComparison.Ordinal);
        Assert.EndsWith("\n65534\n65534\nsandbox\n", status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_sees_only_its_own_folders()
    {
        var seen = (await OutputAsync("""shopt -s dotglob; cd /; echo * >"$WORK/out" """)).TrimEnd().Split(' ');
        var root = Directory.EnumerateFileSystemEntries(SmallRoot.Folder).Select(Path.GetFileName);
        // A kernel of its own may show its own /sys.
        Assert.Equal(
            root.Concat(["dev", "proc", "tmp", "work"]).Order(StringComparer.Ordinal),
            seen.Where(name => !HasKernelOfItsOwn || name != "sys").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_program_writes_nowhere_but_to_work_and_tmp()
    {
        var run = Script("""
            for folder in / /bin /data /dev /proc/sys/kernel /proc/sys/vm /dev/pts; do
                (: >"$folder/x") 2>/dev/null && echo "$folder"
            done >"$WORK/out"
            for file in /data/subjects.csv /bin/bash /proc/sys/kernel/core_pattern /proc/sys/vm/drop_caches /proc/sysrq-trigger "$WORK/in.json"; do
                [ -e "$file" ] || continue
                (: >>"$file") 2>/dev/null && echo "$file"
                chmod 777 "$file" 2>/dev/null && echo "chmod $file"
                rm -f "$file" 2>/dev/null && echo "rm $file"
                mv -T "$WORK/out" "$file" 2>/dev/null && echo "mv $file"
            done >>"$WORK/out"
            : >/tmp/x && : >/dev/shm/x || echo no temporary files >>"$WORK/out"
            """);
        var view = Directory.CreateTempSubdirectory("view-");
        try
        {
            // Even to a program that could write there, were it not for the mount.
            File.WriteAllText(Path.Join(view.FullName, "subjects.csv"), "subject_id");
            File.SetUnixFileMode(view.FullName, (UnixFileMode)0b111_111_111);
            File.SetUnixFileMode(Path.Join(view.FullName, "subjects.csv"), (UnixFileMode)0b110_110_110);
            Assert.Equal("", await OutputAsync(run with { Mounts = [new(view.FullName, "/data")] }));
            Assert.Equal("subject_id", File.ReadAllText(Path.Join(view.FullName, "subjects.csv")));
        }
        finally
        {
            view.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task One_file_can_be_mounted_without_its_neighbours()
    {
        var view = Directory.CreateTempSubdirectory("view-");
        try
        {
            Share(view.FullName);
            File.WriteAllText(Path.Join(view.FullName, "mask.nii"), "mask");
            File.WriteAllText(Path.Join(view.FullName, "secret"), "secret");
            var run = Script("""(cat /data/mask.nii; cd /data; shopt -s dotglob; echo *) >"$WORK/out" """);
            Assert.Equal(
                "maskmask.nii\n",
                await OutputAsync(run with { Mounts = [new(Path.Join(view.FullName, "mask.nii"), "/data/mask.nii")] }));
        }
        finally
        {
            view.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_program_has_no_network_but_a_loopback()
    {
        using var host = new HostListeners();
        var seen = await OutputAsync($"""
            (
                (exec 3<>/dev/tcp/127.0.0.1/{host.Port}) 2>/dev/null && echo connected
                (exec 3<>/dev/udp/127.0.0.1/{host.Port}; echo x >&3) 2>/dev/null && echo sent
                tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '
                grep -c lazaret /proc/net/unix
            ) >"$WORK/out"; true
            """);
        // A loopback that is not the host's may be up, and swallow what is sent.
        Assert.Equal("lo\n0\n", HasKernelOfItsOwn ? seen.Replace("sent\n", "", StringComparison.Ordinal) : seen);
        Assert.False(host.HeardAnything);
    }

    [Fact]
    public async Task A_program_sees_no_process_but_its_own()
    {
        var pids = await OutputAsync("""for pid in /proc/[0-9]*; do echo "${pid##*/}"; done >"$WORK/out" """);
        Assert.Subset(new HashSet<string>(["1", "2"]), new HashSet<string>(pids.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task Every_attempt_on_the_kernel_the_host_and_the_network_is_stopped_by_what_should_stop_it()
    {
        using var host = new HostListeners();
        using var view = new TemporaryFolder();
        Share(view.Path);
        var shared = Path.Join(view.Path, "shared");
        await File.WriteAllTextAsync(shared, "x", TestContext.Current.CancellationToken);
        // Read last before it was written: a reading would be dated, were the mount not read only.
        File.SetLastAccessTimeUtc(shared, DateTime.UnixEpoch);
        var report = await OutputAsync(HostileProgram.Run("kernel", $"{host.Port}", host.AbstractName) with { Mounts = [new(view.Path, "/data")] });
        var ended = report.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2)).ToDictionary(words => words[0], words => words[1]);
        Assert.Equal(HostileAttempts.All.Keys.Order(), ended.Keys.Order());
        var surprises = ended.Where(attempt => !HostileAttempts.Ends(attempt.Key, HasKernelOfItsOwn).Contains(attempt.Value));
        Assert.True(!surprises.Any(), string.Join('\n', surprises));
        Assert.True(CopiesData || File.GetLastAccessTimeUtc(shared) == DateTime.UnixEpoch);
        Assert.False(host.HeardAnything);
    }

    [Fact]
    [Threat("bits left for the next run in what is in memory of an image")]
    public async Task A_run_leaves_no_bits_for_the_next_in_what_is_in_memory_of_their_image()
    {
        const int Value = 0xb1a5;
        var found = new List<string>();
        foreach (var bits in (int[])[Value, ~Value & 0xffff])
        {
            var run = HostileProgram.Run("remember", $"{bits}");
            Assert.SkipUnless(HostileProgram.Pages.Evict(), "the temporary folder lies in memory alone");
            Assert.IsType<SandboxOutcome.Completed>(await RunAsync(run));
            found.Add(await OutputAsync(HostileProgram.Run("recall")));
        }

        Assert.Equal(16, found[0].Length);
        Assert.Equal(found[0], found[1]);
    }

    [Fact]
    [Threat("bits left for the next run in what is in memory of an image")]
    public async Task All_of_an_image_is_in_memory_when_its_program_starts()
    {
        var run = HostileProgram.Run("touch", "4096");
        await RunAsync(run);
        var files = FilesOf(run.Root).ToArray();
        var missing = -1;
        // A kernel that reclaims memory before it is short (DAMON) may take a page back while the program runs.
        for (var attempt = 0; missing != 0 && attempt < 3; attempt++)
        {
            Assert.SkipUnless(files.Any(file => file.Evict()), "the temporary folder lies in memory alone");
            Assert.IsType<SandboxOutcome.Completed>(await RunAsync(run));
            missing = files.Sum(file => file.Missing());
        }

        Assert.Equal(0, missing);
    }

    /// <summary>What of the host's disk is read when a program reads its root.</summary>
    private protected virtual IEnumerable<CachedFile> FilesOf(string root) => Directory.EnumerateFiles(root).Select(file => new CachedFile(file));
}
