using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Lazaret.Node.Identity;

namespace Lazaret.Tests.EndToEnd;

/// <summary>What <c>lazaret doctor</c> says, and its exit code.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_doctor_says_what_each_backend_can_do()
    {
        var run = await NodeProcess.RunAsync(_folder.Path, ["doctor", "--json"], ("DATA_VIEW", TinySite.Folder));
        Assert.Equal(0, run.ExitCode);
        var findings = JsonNode.Parse(run.Output)!.AsArray().ToDictionary(finding => (string)finding!["what"]!, finding => finding!);
        Assert.Contains("sandbox bubblewrap", findings.Keys);
        Assert.Contains("sandbox process", findings.Keys);
        Assert.True((bool)findings["database sqlite"]["ok"]!);
        Assert.Contains("26 rows", (string?)findings["data view"]["why"], StringComparison.Ordinal);
        Assert.All(findings.Values, finding => Assert.NotEmpty((string)finding["why"]!));
        foreach (var expected in (string[])["disk of the state folder", "disk of temporary files", "state writable", "images", "keys file", "open files", "processes", "apparmor", "sysctl user.max_user_namespaces"])
            Assert.Contains(expected, findings.Keys);
    }

    [Fact]
    public async Task Every_no_of_the_doctor_says_what_mends_it_and_is_exit_code_1()
    {
        await using (await HostedNode.ServeAsync(_folder.Path))
        {
            // The first start makes the database and its keys.
        }

        File.Move(_folder["keys.json"], _folder["away.json"]);
        var run = await HostedNode.RunAsync(_folder.Path, ["doctor", "--json"], ("DATA_VIEW", "/does/not/exist"), ("Lazaret__Health__MinimumFreeMiB", "1048576"), ("Lazaret__Http__MaxConnections", "65536"));
        Assert.Equal(1, run.ExitCode);
        var no = JsonNode.Parse(run.Output)!.AsArray().Where(finding => !(bool)finding!["ok"]!).ToDictionary(finding => (string)finding!["what"]!, finding => (string)finding!["mend"]!);
        Assert.All(no.Values, mend => Assert.NotEmpty(mend));
        Assert.Contains("df ", no["disk of the state folder"], StringComparison.Ordinal);
        Assert.Contains("lazaret backup", no["last backup"], StringComparison.Ordinal);
        Assert.Contains("keys.json", no["keys file"], StringComparison.Ordinal);
        Assert.Contains("Lazaret:Data:View", no["data view"], StringComparison.Ordinal);
        // The same for people.
        var table = await NodeProcess.RunAsync(_folder.Path, ["doctor"], ("DATA_VIEW", "/does/not/exist"));
        Assert.Equal(1, table.ExitCode);
        Assert.Contains("site check", table.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Volumes_that_cannot_be_used_are_counted()
    {
        await Tool.RunAsync("cp", "-r", TinySite.Folder, _folder["site"]);
        var volume = Directory.EnumerateFiles(Path.Combine(_folder["site"], "conn")).First();
        await File.WriteAllBytesAsync(volume, (await File.ReadAllBytesAsync(volume, TestContext.Current.CancellationToken))[..400], TestContext.Current.CancellationToken);
        var state = _folder.MakePrivate("state");
        Assert.Equal(0, (await HostedNode.RunAsync(state, ["migrate"])).ExitCode);
        Assert.Equal(1, (await HostedNode.RunAsync(state, ["cohort", "ingest"], ("DATA_VIEW", _folder["site"]))).ExitCode);

        var findings = JsonNode.Parse((await HostedNode.RunAsync(state, ["doctor", "--json"], ("DATA_VIEW", _folder["site"]))).Output)!.AsArray();
        var volumes = findings.Single(finding => (string?)finding!["what"] == "volumes")!;
        Assert.Equal((false, false, "1 of 26 cannot be used, and their people are in no answer"), ((bool)volumes["ok"]!, (bool)volumes["needed"]!, (string?)volumes["why"]));
    }

    /// <summary>bubblewrap looks up its own child in /proc, by a number that there may be nobody's.</summary>
    [Fact]
    public async Task Where_proc_shows_a_containers_few_processes_an_ordinary_user_has_namespaces()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root makes a container");
        const string Container =
            """
            mount -t proc proc /proc
            mount -t tmpfs lazaret /mnt
            mkdir /mnt/lazaret /mnt/dotnet
            install -d -m 700 -o "$3" -g "$3" /mnt/state
            mount --rbind "$1" /mnt/lazaret
            mount --rbind "$2" /mnt/dotnet
            for number in 1 2 3 4 5 6 7 8 9 10 11 12; do /bin/true; done
            cd /mnt/state
            WORK_DIR=/mnt/state HOME=/mnt/state DOTNET_ROOT=/mnt/dotnet setpriv --reuid "$3" --regid "$3" --clear-groups /mnt/lazaret/lazaret doctor --json || :
            """;
        var output = await Tool.RunAsync(
            "unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "/bin/sh", "-ec", Container, "sh",
            Path.GetDirectoryName(NodeProcess.Binary)!, Path.GetFullPath(Path.Join(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")), $"{OrdinaryUser.Id}");
        var bubblewrap = JsonNode.Parse(output)!.AsArray().Single(finding => (string?)finding!["what"] == "sandbox bubblewrap")!;
        // This user has no control group of its own: that is another matter.
        Assert.DoesNotContain("namespaces", (string?)bubblewrap["why"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_prints_who_may_call_what()
    {
        var run = await NodeProcess.RunAsync(_folder.Path, ["doctor", "--access", "--json"]);
        Assert.Equal(0, run.ExitCode);
        var printed = JsonNode.Parse(run.Output)!.AsArray().ToDictionary(
            row => (string)row!["endpoint"]!, row => ((bool)row!["open"]!, (bool)row["loopback"]!, string.Join(' ', row["roles"]!.AsArray().Select(role => (string?)role))));
        Assert.Equal(AccessTable.Endpoints.ToDictionary(row => row.Key, row => (row.Value.IsOpen, row.Value.FromLoopback, string.Join(' ', RoleNames.Of(row.Value.Roles)))), printed);
        var table = (await NodeProcess.RunAsync(_folder.Path, ["doctor", "--access"])).Output;
        Assert.All(AccessTable.Endpoints.Keys, endpoint => Assert.Contains(endpoint.Split(' ')[1], table, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_root_left_in_the_state_folder_is_named_with_the_command_that_mends_it()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give files to another user");
        Assert.Equal(0, (await HostedNode.RunAsync(_folder.Path, ["migrate"])).ExitCode);
        await Tool.RunAsync("chown", "nobody", _folder["models"]);
        var run = await NodeProcess.RunAsync(_folder.Path, ["doctor", "--json"], ("DATA_VIEW", TinySite.Folder));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("chown", run.Output, StringComparison.Ordinal);

        // The other way round: the service's user cannot even look into it.
        await Tool.RunAsync("chown", "-R", "nobody", _folder.Path);
        await Tool.RunAsync("chown", "root", _folder["models"]);
        Assert.Contains($"chown -R --reference={_folder.Path} {_folder.Path}", (await NodeProcess.RunAsync(_folder.Path, ["doctor", "--json"])).Output, StringComparison.Ordinal);
        await Tool.RunAsync("chown", "-R", $"--reference={_folder.Path}", _folder.Path);
        Assert.DoesNotContain("chown", (await NodeProcess.RunAsync(_folder.Path, ["doctor", "--json"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_that_signed_the_audit_is_missed()
    {
        await using (await HostedNode.ServeAsync(_folder.Path))
        {
            // The first start makes the key, and signs with it.
        }

        Assert.DoesNotContain("with which this audit was signed", (await HostedNode.RunAsync(_folder.Path, ["doctor", "--json"])).Output, StringComparison.Ordinal);
        File.Move(_folder["audit-key.pem"], _folder["away.pem"]);
        // As a container makes it of a file that is to be mounted and is not there.
        File.Delete(_folder["audit-checkpoints.ndjson"]);
        Directory.CreateDirectory(_folder["audit-checkpoints.ndjson"]);
        var run = await HostedNode.RunAsync(_folder.Path, ["doctor", "--json"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("audit-key.pem is gone, with which this audit was signed", run.Output, StringComparison.Ordinal);
        Assert.Contains($"{_folder["audit-checkpoints.ndjson"]}: is no regular file: remove it", run.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
