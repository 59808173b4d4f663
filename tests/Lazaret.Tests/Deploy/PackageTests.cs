using System.Diagnostics;
using System.Text.RegularExpressions;
using Lazaret.Tests.EndToEnd;

namespace Lazaret.Tests.Deploy;

/// <summary>The Debian package, installed for once on a machine that is thrown away. The commands are the documentation's own.</summary>
public sealed partial class PackageTests : IDisposable
{
    /// <summary>On a machine that systemd did not start: runs the command of a unit as its user, with its variables and in its folder.</summary>
    private const string Systemctl = """
        #!/bin/bash
        [ "$1" = enable ] || exit 0
        for unit in "${@:3}"; do
            file=/usr/lib/systemd/system/$unit.service
            value() { sed -n "s/^$1=//p" "$file"; }
            [ -e "$(value ConditionPathExists)" ] || exit 1
            (set -a; . "$(value EnvironmentFile)"; cd "$(value WorkingDirectory)" && umask 077 && exec setpriv --reuid "$(value User)" --regid "$(value Group)" --init-groups $(value ExecStart) >"/tmp/$unit.log" 2>&1) &
        done
        """;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task It_is_installed_upgraded_and_removed_and_the_nodes_data_stay()
    {
        await using var machine = await ThrowAwayMachine.StartAsync();
        var (first, second) = (await BuildAsync("0.1.0"), await BuildAsync("0.1.1"));
        await machine.CopyAsync(_folder.Path, "/srv/packages");
        await machine.RunAsync($"cat >/usr/local/bin/systemctl <<'END'\n{Systemctl}\nEND\nchmod 755 /usr/local/bin/systemctl; mkdir /srv/install; cp /srv/packages/{first} /srv/install");

        // Installed without a configuration, nothing of it runs.
        await machine.RunAsync($"dpkg -i /srv/packages/{first} && ! pgrep -f '[/]usr/lib/lazaret/lazaret'");
        Assert.Equal("lazaret:lazaret 700\nroot:root 755\n", await machine.RunAsync("stat -c '%U:%G %a' /var/lib/lazaret /etc/lazaret"));
        Assert.Equal("/etc/lazaret/nginx.conf\n/etc/lazaret/refusals.conf\n/etc/lazaret/upstream.conf\n", await machine.RunAsync("dpkg-query --showformat='${Conffiles}\\n' --show lazaret | awk 'NF { print $1 }' | sort"));

        // What is to make backups is there, and off.
        await machine.RunAsync("cd /usr/lib/systemd/system && grep -q '/usr/lib/lazaret/lazaret backup' lazaret-backup.service && ls lazaret-backup.timer >/dev/null && ! find /etc/systemd -name 'lazaret-backup*' | grep .");

        // nginx takes them together, once there is a certificate.
        await machine.RunAsync("""
            install -d -m 700 /srv/nginx/tls && cp /etc/lazaret/*.conf /srv/nginx && cd /srv/nginx
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost -keyout tls/server.key -out tls/server.crt 2>/dev/null
            nginx -t -q -c /srv/nginx/nginx.conf
            cd /usr/share/doc/lazaret && ls deploy/apparmor/lazaret deploy/prometheus/alerts.yaml deploy/nginx/mtls.conf.example >/dev/null
            """);

        // AppArmor's profile and the script for commands name where the package installs the program.
        await machine.RunAsync("cd /usr/share/doc/lazaret/deploy && grep -qx '@{LAZARET} = /usr/lib/lazaret' apparmor/lazaret && grep -q '/usr/lib/lazaret/lazaret' systemd/lazaret && ! grep -rn /opt/lazaret apparmor systemd");

        // As the document says.
        var installed = await machine.TryAsync($"set -e; cd /srv/install\n{Install().Match(await File.ReadAllTextAsync(Repository.File("docs", "upgrade.md"), TestContext.Current.CancellationToken)).Groups["commands"].Value}");
        Assert.True(installed.ExitCode == 0, installed.Output + installed.Error + await machine.RunAsync("cat /tmp/*.log || true"));
        Assert.Contains("lzk_", installed.Output, StringComparison.Ordinal);
        Assert.EndsWith("{\"ok\":true}", installed.Output, StringComparison.Ordinal);
        Assert.Equal("", await machine.RunAsync("find /var/lib/lazaret ! -user lazaret"));

        // An upgrade keeps what the administrator changed.
        await machine.RunAsync($"lazaret backup /var/lib/lazaret/backup && echo '# ours' >>/etc/lazaret/nginx.conf && dpkg --force-confdef --force-confold -i /srv/packages/{second}");
        Assert.Equal("0.1.1", await machine.RunAsync("dpkg-query --showformat='${Version}' --show lazaret"));
        Assert.Contains("# ours", await machine.RunAsync("tail -1 /etc/lazaret/nginx.conf"), StringComparison.Ordinal);
        Assert.Contains("admin", await machine.RunAsync("lazaret requesters list"), StringComparison.Ordinal);

        // Removed, the program is gone, and the data are not.
        await machine.RunAsync("kill $(pgrep -f '[/]usr/lib/lazaret/lazaret serve') && dpkg -r lazaret && dpkg -P lazaret");
        Assert.Equal("gone\nkeys.json\nlazaret.env\n", await machine.RunAsync("[ -e /usr/lib/lazaret ] || [ -e /usr/bin/lazaret ] || echo gone; cd /var/lib/lazaret && ls keys.json && cd /etc/lazaret && ls lazaret.env"));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> BuildAsync(string version)
    {
        using var build = Process.Start(new ProcessStartInfo(Repository.File("eng", "package"), [_folder.Path])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            Environment = { ["LAZARET_PACKAGE_VERSION"] = version, ["LAZARET_PACKAGE_AS_BUILT"] = "1" },
        })!;
        var path = await build.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await build.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, build.ExitCode);
        Assert.True(File.Exists(NodeProcess.Binary));
        return Path.GetFileName(path.TrimEnd());
    }

    [GeneratedRegex("<!-- a test runs this block -->\n```sh\n(?<commands>.*?)\n```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Install();
}
