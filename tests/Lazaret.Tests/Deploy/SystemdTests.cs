using System.Globalization;
using System.Text.RegularExpressions;
using Lazaret.Node;
using Lazaret.Node.Jobs;
using Lazaret.Tests.Servers;

namespace Lazaret.Tests.Deploy;

/// <summary>The systemd units, as far as they can be held on a machine that systemd did not start.</summary>
public sealed partial class SystemdTests
{
    private const string Program = "/usr/bin/systemd-analyze";

    [Theory]
    [InlineData("lazaret-api.service", 1.5)]
    [InlineData("lazaret-work.service", 3.5)]
    [InlineData("lazaret-backup.service", 1.5)]
    public async Task A_unit_is_one_that_systemd_takes_and_that_leaves_little_open(string unit, double mostExposed)
    {
        ServerProcess.Require(Program, "systemd");
        using var folder = new TemporaryFolder();
        var installed = Deployment.Read("systemd", unit).Replace("/opt/lazaret/lazaret", "/bin/true", StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder[unit], installed, TestContext.Current.CancellationToken);

        // It says what it does not know as a warning, and ends with 0.
        Assert.Equal("", await Tool.RunAsync(Program, "verify", "--man=no", folder[unit]));
        var exposure = Exposure().Match(await Tool.RunAsync(Program, "security", "--offline=true", "--threshold=100", folder[unit])).Groups["level"].Value;
        Assert.InRange(double.Parse(exposure, CultureInfo.InvariantCulture), 0, mostExposed);
    }

    [Theory]
    [InlineData("debian/postinst", "systemctl try-restart lazaret-api.service 'lazaret-api@*.service' lazaret-work.service")]
    [InlineData("debian/prerm", "systemctl stop 'lazaret-api@*.service'")]
    [InlineData("../docs/upgrade.md", "systemctl stop lazaret-api 'lazaret-api@*' lazaret-work && dpkg -i lazaret_NEW_amd64.deb")]
    [InlineData("../docs/upgrade.md", "systemctl stop lazaret-api 'lazaret-api@*' lazaret-work && dpkg -i lazaret_OLD_amd64.deb")]
    [InlineData("../docs/upgrade.md", "lazaret backup F && systemctl stop lazaret-api 'lazaret-api@*' lazaret-work && rm -rf /opt/lazaret.old && mv /opt/lazaret /opt/lazaret.old")]
    [InlineData("../docs/upgrade.md", "systemctl stop lazaret-api 'lazaret-api@*' lazaret-work && rm -rf /opt/lazaret.bad && mv /opt/lazaret /opt/lazaret.bad")]
    public void A_second_API_is_stopped_and_restarted_with_the_first(string file, string command) =>
        Assert.Contains(command, Deployment.Read(file), StringComparison.Ordinal);

    [Theory]
    [InlineData("lazaret-api.service")]
    [InlineData("lazaret-work.service")]
    public void A_unit_names_what_the_documentation_installs(string unit)
    {
        var text = Deployment.Read("systemd", unit);
        var documentation = File.ReadAllText(Repository.File("docs", "deploy.md"));
        var start = Start().Match(text);
        Assert.True(start.Success);
        Assert.True(Enum.TryParse<NodeRole>(start.Groups["role"].Value, ignoreCase: true, out _));
        foreach (var path in (string[])["/opt/lazaret", "/etc/lazaret/lazaret.env", "deploy/systemd/lazaret.env.example", "deploy/systemd/*.service"])
            Assert.Contains(path, documentation, StringComparison.Ordinal);
        Assert.Contains("EnvironmentFile=/etc/lazaret/lazaret.env", text, StringComparison.Ordinal);
        Assert.Equal("/var/lib/lazaret", Deployment.Environment("systemd", "lazaret.env.example")["Lazaret__State"]);
        Assert.Contains("StateDirectory=lazaret\n", text, StringComparison.Ordinal);
        // The node refuses one that others may enter.
        Assert.Contains("StateDirectoryMode=0700\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_timer_starts_a_backup_that_is_called_by_its_day()
    {
        ServerProcess.Require(Program, "systemd");
        using var folder = new TemporaryFolder();
        var unit = Deployment.Read("systemd", "lazaret-backup.service");
        await File.WriteAllTextAsync(folder["lazaret-backup.service"], unit.Replace("/opt/lazaret/lazaret", "/bin/true", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["lazaret-backup.timer"], Deployment.Read("systemd", "lazaret-backup.timer"), TestContext.Current.CancellationToken);
        Assert.Equal("", await Tool.RunAsync(Program, "verify", "--man=no", folder["lazaret-backup.timer"]));

        // As systemd reads the line: what is doubled stands for itself.
        var line = Assert.Single(unit.Split('\n'), line => line.StartsWith("ExecStart=", StringComparison.Ordinal));
        var command = line["ExecStart=/bin/sh -c '".Length..^1].Replace("$$", "$", StringComparison.Ordinal).Replace("%%", "%", StringComparison.Ordinal)
            .Replace("/opt/lazaret/lazaret", "echo", StringComparison.Ordinal);
        Assert.Matches(@"^backup /var/backups/lazaret/\d{4}-\d\d-\d\d\n$", await Tool.RunAsync("/bin/sh", "-c", command));

        var api = Deployment.Read("systemd", "lazaret-api.service").Split('\n');
        foreach (var setting in (string[])["User=", "Group=", "UMask=", "EnvironmentFile=", "WorkingDirectory=", "StateDirectory=", "ConditionPathExists="])
            Assert.Contains(Assert.Single(unit.Split('\n'), line => line.StartsWith(setting, StringComparison.Ordinal)), api);
        Assert.Contains("install -d -o lazaret -g lazaret -m 700 /var/backups/lazaret\nsystemctl enable --now lazaret-backup.timer", Deployment.Read("../docs/operations.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_workers_unit_is_given_the_time_to_end_its_runs() =>
        Assert.True(int.Parse(Stops().Match(Deployment.Read("systemd", "lazaret-work.service")).Groups["seconds"].Value, CultureInfo.InvariantCulture) > new RunOptions().DrainSeconds + 30);

    [Fact]
    public async Task A_command_gets_the_user_the_settings_and_the_folder_of_the_units()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["systemd-run"], "#!/bin/sh\nprintf '%s\\n' \"$@\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(folder["systemd-run"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var arguments = (await Tool.RunAsync("/usr/bin/env", $"PATH={folder.Path}:/usr/bin:/bin", Path.Combine(Deployment.Folder, "systemd", "lazaret"), "projects", "add", "a b", "--title", "$c"))
            .TrimEnd('\n').Split('\n');

        Assert.Equal(["/opt/lazaret/lazaret", "projects", "add", "a b", "--title", "$c"], arguments[^6..]);
        var properties = arguments.Index().Where(argument => argument.Item == "-p").Select(argument => arguments[argument.Index + 1]).ToList();
        var api = Deployment.Read("systemd", "lazaret-api.service").Split('\n');
        var work = Deployment.Read("systemd", "lazaret-work.service").Split('\n');
        Assert.All(properties, property => Assert.Contains(property, work));
        foreach (var setting in (string[])["User=", "Group=", "UMask=", "EnvironmentFile=", "WorkingDirectory="])
            Assert.Contains(Assert.Single(properties, property => property.StartsWith(setting, StringComparison.Ordinal)), api);
        Assert.Contains("install -m 755 deploy/systemd/lazaret /usr/local/sbin/lazaret", await File.ReadAllTextAsync(Repository.File("docs", "deploy.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^ExecStart=/opt/lazaret/lazaret serve --role (?<role>[a-z]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Start();

    [GeneratedRegex(@"^TimeoutStopSec=(?<seconds>\d+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Stops();

    [GeneratedRegex(@"Overall exposure level for \S+: (?<level>[0-9.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Exposure();
}
