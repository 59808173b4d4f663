using System.Diagnostics;
using System.Globalization;
using Lazaret.Node.Sandboxes;
using Lazaret.Tests.Conformance;

namespace Lazaret.Tests.EndToEnd;

/// <summary>kill -9 of a node in the middle of a run, in each sandbox.</summary>
[Collection(nameof(SandboxConformance))]
public sealed class SandboxCrashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Leaves a daemon behind, and takes long enough to be killed.</summary>
    private const string Slow = "(/bin/busybox setsid /bin/busybox sleep 900 &); /bin/busybox sleep 2";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("bubblewrap", "auto", 97_000)]
    [InlineData("oci", "crun", 97_200)]
    [InlineData("oci", "runc", 97_400)]
    [InlineData("gvisor", "auto", 97_600)]
    [InlineData("microvm", "auto", 97_800)]
    public async Task A_node_killed_in_the_middle_of_a_run_leaves_nothing_once_it_is_back(string backend, string runtime, int firstUid)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "control groups show what runs, and need root");
        await SandboxUnderTest.BackendAsync(new SandboxOptions { Backend = backend, Oci = new() { Runtime = runtime } });
        (string, string)[] settings =
        [
            ("Lazaret__Sandbox__Backend", backend), ("Lazaret__Sandbox__Oci__Runtime", runtime),
            ("Lazaret__Sandbox__FirstUid", firstUid.ToString(CultureInfo.InvariantCulture)), ("Lazaret__Jobs__LeaseSeconds", "2"),
        ];
        var state = _folder.MakePrivate("state");
        var added = await HostedNode.RunAsync(state, ["models", "add", ShellModel.Write(_folder, "slow", Slow)], settings);
        Assert.True(added.ExitCode == 0, added.Error);
        if (backend == "microvm")
            await NodeProcess.RunAsync(state, ["sandbox", "build"], settings);
        var before = Left(firstUid);

        string path;
        await using (var first = await NodeProcess.ServeAsync(state, settings))
        {
            using var admitted = await ShellModel.AdmitAsync(first, "slow", "once");
            path = await ShellModel.PathAsync(admitted);
            await Wait.UntilAsync(() => Groups(firstUid).Any(group => File.ReadAllText(Path.Join(group, "cgroup.procs")).Length > 0));
            await first.KillAsync();
        }

        await Wait.UntilAsync(() => Processes(firstUid).Length == 0);
        await using (var second = await NodeProcess.ServeAsync(state, settings.Where(setting => setting.Item1 != "Lazaret__Jobs__LeaseSeconds")))
            Assert.Equal("COMPLETED", (string?)(await second.WaitAsync(path, "QUEUED", "PROCESSING"))["status"]);
        Assert.Equal(before, Left(firstUid));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Processes, control groups, mounts, and the containers that the runtimes know of.</summary>
    private static string Left(int firstUid) => string.Join(
        '\n',
        [
            .. Processes(firstUid), .. Groups(firstUid),
            .. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains("/sys/kernel/", StringComparison.Ordinal)),
            Listed("runc", "list", "--quiet"), Listed("crun", "list", "--quiet"), Listed("runsc", "list", "-quiet"),
        ]);

    private static string[] Processes(int firstUid) =>
    [
        .. from process in SandboxHostProcess.All()
           where process.Uid >= firstUid && process.Uid < firstUid + 128 || process.CommandLine.Contains($"lazaret-{firstUid}", StringComparison.Ordinal)
           select process.CommandLine,
    ];

    private static string[] Groups(int firstUid) => Directory.GetDirectories("/sys/fs/cgroup", $"lazaret-{firstUid}*", SearchOption.AllDirectories);

    private static string Listed(string tool, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
            return $"{tool}: {process.StandardOutput.ReadToEnd()}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return $"no {tool}";
        }
    }
}
