namespace Lazaret.Tests.EndToEnd;

/// <summary>The command line on a machine that has the service installed.</summary>
public sealed class ServiceCommandTests : IAsyncLifetime
{
    private ThrowAwayMachine _machine = null!;

    public async ValueTask InitializeAsync()
    {
        _machine = await ThrowAwayMachine.StartAsync();
        await _machine.CopyAsync(Path.GetDirectoryName(NodeProcess.Binary)!, "/opt/lazaret");
        await _machine.RunAsync("""
            set -e
            useradd --system --home-dir /var/lib/lazaret --shell /usr/sbin/nologin lazaret
            ln -s /opt/lazaret/lazaret /usr/local/bin/lazaret
            install -d -m 755 /etc/lazaret && install -d -o lazaret -g lazaret -m 700 /var/lib/lazaret
            printf '%s\n' '# the service' 'DOTNET_ENVIRONMENT=Production' 'Lazaret__Site__Name="The ward"' Lazaret__State=/var/lib/lazaret Lazaret__Auth__Modes__0=key Lazaret__Data__View= >/etc/lazaret/lazaret.env
            chmod 600 /etc/lazaret/lazaret.env
            """);
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
            await _machine.DisposeAsync();
    }

    [Fact]
    public async Task Roots_commands_work_on_the_services_node_and_leave_nothing_there_that_is_roots()
    {
        // An overlay has the devices of its parts, so that an image in it would seem to hold mounts.
        await _machine.RunAsync("mount -t tmpfs -o mode=700,uid=$(id -u lazaret),gid=$(id -g lazaret) lazaret /var/lib/lazaret");
        await _machine.RunAsync($"lazaret migrate && lazaret keys init && lazaret models add {SampleCopy} && lazaret requesters add bot && lazaret backup /var/lib/lazaret/backup");
        Assert.Equal("", await _machine.RunAsync("find /var/lib/lazaret ! -user lazaret"));
        Assert.Equal("", await _machine.RunAsync("find /tmp -name '*-lazaret-*' -o -name 'dotnet-diagnostic-*' -o -name 'clr-debug-pipe-*'"));
        Assert.Contains("sepsis", await _machine.RunAsync("cd /tmp && lazaret models list"), StringComparison.Ordinal);
        Assert.Contains("/etc/lazaret/lazaret.env", await _machine.RunAsync("cd /tmp && lazaret doctor || true"), StringComparison.Ordinal);
        Assert.Equal("", await _machine.RunAsync("find /tmp -mindepth 1"));
        // Of the people, and not of the service, the audit says who ran a command.
        Assert.Equal("operator:root\n", await _machine.RunAsync("lazaret audit export | python3 -c 'import json,sys; print(sorted({json.loads(line)[\"actor\"] for line in sys.stdin if \"requester_added\" in line})[0])'"));
        await _machine.RunAsync("SUDO_USER=anna lazaret requesters add second");
        Assert.Contains("operator:anna", await _machine.RunAsync("lazaret audit export | grep second"), StringComparison.Ordinal);

        // The service's own user starts the node on it, in the service's way.
        await _machine.RunAsync("""
            set -e
            cd /var/lib/lazaret
            (set -a; . /etc/lazaret/lazaret.env; exec setpriv --reuid lazaret --regid lazaret --init-groups lazaret serve --role api --urls http://127.0.0.1:8765 >/tmp/log 2>&1) &
            for i in $(seq 600); do curl -fsS http://127.0.0.1:8765/healthz 2>/dev/null && exit 0; sleep 0.2; done
            cat /tmp/log; exit 1
            """);
    }

    [Fact]
    public async Task A_byte_order_mark_before_the_first_name_is_refused_and_taken_out_by_what_is_said()
    {
        // systemd takes it for a part of the name, and would start the node in another environment than the command line sees.
        await _machine.RunAsync("lazaret migrate && sed -i '1s/^.*$/\\xEF\\xBB\\xBFDOTNET_ENVIRONMENT=Production/' /etc/lazaret/lazaret.env");
        var (exitCode, output, error) = await _machine.TryAsync("lazaret models list");
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("line 1: begins with a byte order mark", error, StringComparison.Ordinal);
        await _machine.RunAsync($"{error[error.IndexOf("sed -i", StringComparison.Ordinal)..].Split('\n')[0]} && lazaret models list");
    }

    [Fact]
    public async Task Where_the_folder_alone_changed_its_owner_nobody_is_told_to_remove_the_database()
    {
        await _machine.RunAsync("lazaret migrate && lazaret keys init && chown nobody /var/lib/lazaret");
        var (exitCode, output, _) = await _machine.TryAsync("lazaret doctor");
        Assert.Equal(1, exitCode);
        Assert.DoesNotContain("remove it", output, StringComparison.Ordinal);
        var owner = (await _machine.RunAsync("id -u lazaret")).Trim();
        Assert.Contains($"chown {owner} /var/lib/lazaret", output, StringComparison.Ordinal);
        await _machine.RunAsync($"chown {owner} /var/lib/lazaret && lazaret models list");
    }

    [Fact]
    public async Task A_service_s_file_that_was_emptied_begins_no_other_node()
    {
        await _machine.RunAsync("lazaret migrate && cp -p /etc/lazaret/lazaret.env /etc/lazaret/away && : >/etc/lazaret/lazaret.env");
        foreach (var command in (string[])["models list", "doctor", "serve --role api --urls http://127.0.0.1:0", "keys init"])
        {
            var (exitCode, output, error) = await _machine.TryAsync($"cd /var/lib/lazaret && lazaret {command}");
            Assert.True((exitCode, output) == (2, ""), $"{command}: {exitCode} {output}{error}");
            Assert.Contains("/etc/lazaret/lazaret.env: sets nothing", error, StringComparison.Ordinal);
        }

        Assert.Equal("", await _machine.RunAsync("find /var/lib/lazaret -name var"));
        await _machine.RunAsync("mv /etc/lazaret/away /etc/lazaret/lazaret.env && lazaret models list");
    }

    [Theory]
    [InlineData("lazaret.db")]
    [InlineData("audit-checkpoints.ndjson")]
    public async Task A_file_that_its_owner_may_not_write_is_named_with_what_mends_it(string file)
    {
        await _machine.RunAsync($"lazaret migrate && lazaret keys init && lazaret audit verify >/dev/null; cd /var/lib/lazaret && touch {file} && chown lazaret:lazaret {file} && chmod 444 {file}");
        var (exitCode, output, _) = await _machine.TryAsync("lazaret doctor --json");
        Assert.Equal(1, exitCode);
        Assert.Contains($"rw /var/lib/lazaret/{file}", output, StringComparison.Ordinal);
        await _machine.RunAsync($"chmod u+rw /var/lib/lazaret/{file}*");
        Assert.DoesNotContain("rw /var/lib/lazaret/", (await _machine.TryAsync("lazaret doctor --json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_and_the_command_line_win_over_the_services_file()
    {
        await _machine.RunAsync("lazaret migrate");
        foreach (var other in (string[])["WORK_DIR=/tmp/none lazaret models list", "Lazaret__State=/tmp/none lazaret models list", "lazaret models list --Lazaret:State=/tmp/none"])
        {
            var (exitCode, output, error) = await _machine.TryAsync(other);
            Assert.Equal((3, ""), (exitCode, output));
            Assert.Contains("there is no state folder at /tmp/none, which Lazaret:State of the ", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task In_a_wrong_folder_nothing_is_made_and_the_message_says_how_to_find_the_node()
    {
        await _machine.RunAsync("mv /etc/lazaret/lazaret.env /etc/lazaret/away && mkdir /tmp/wrong");
        foreach (var command in (string[])["backup /tmp/f", "models list", "models add x", "keys init", "keys rotate", "requesters add bot", "requesters list", "people add a", "projects list", "webhooks list", "audit verify", "purge", "cohort ingest"])
        {
            var (exitCode, output, error) = await _machine.TryAsync($"cd /tmp/wrong && lazaret {command}");
            Assert.True((exitCode, output) == (3, ""), $"{command}: {exitCode} {output}{error}");
            Assert.Contains("there is no state folder at /tmp/wrong/var, which Lazaret:State is by default (no configuration file was read): name the node by --config FILE", error, StringComparison.Ordinal);
        }

        // The doctor examines what would be begun there, and says that nothing names it.
        Assert.Contains("about a node at /tmp/wrong/var, where none is yet", await _machine.RunAsync("cd /tmp/wrong && lazaret doctor --json || true"), StringComparison.Ordinal);
        Assert.Equal("", await _machine.RunAsync("find /tmp -mindepth 1 ! -path /tmp/wrong"));

        // The same node by its file, from anywhere; and by an ordinary user, who may not read the service's.
        await _machine.RunAsync("cd /tmp/wrong && lazaret --config /etc/lazaret/away migrate && lazaret models list --config=/etc/lazaret/away && mv /etc/lazaret/away /etc/lazaret/lazaret.env");
        var stranger = await _machine.TryAsync("cd /tmp/wrong && setpriv --reuid nobody --regid nogroup --clear-groups lazaret models list");
        Assert.Equal(3, stranger.ExitCode);
        Assert.Contains("/etc/lazaret/lazaret.env is there, and you may not read it", stranger.Error, StringComparison.Ordinal);
        var examined = await _machine.TryAsync("cd /tmp/wrong && setpriv --reuid nobody --regid nogroup --clear-groups lazaret doctor --json");
        Assert.Equal(1, examined.ExitCode);
        Assert.Contains("sudo lazaret doctor", examined.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_services_user_may_not_read_or_write_root_is_told_why()
    {
        await _machine.RunAsync("lazaret migrate && install -d -m 700 /root/models && cp -r /opt/lazaret/samples/sepsis-news2/. /root/models");
        foreach (var (command, code) in ((string, int)[])[("backup /root/backup", 3), ("models add /root/models/manifest.yaml", 2)])
        {
            var (exitCode, _, error) = await _machine.TryAsync($"chmod 700 /root; lazaret {command}");
            Assert.True(exitCode == code, $"{command}: {exitCode} {error}");
            Assert.Contains("This command goes on as user lazaret, to whom the state folder belongs", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Environment_and_file_that_differ_are_named_without_their_values()
    {
        await _machine.RunAsync("""printf '%s\n' 'ConnectionStrings__Redis="127.0.0.1:6379,password=a$b"' >>/etc/lazaret/lazaret.env; lazaret migrate""");
        var doctor = await _machine.RunAsync("set -a; . /etc/lazaret/lazaret.env; lazaret doctor --json || true");
        Assert.Contains("the environment or the command line gives other values than it to: ConnectionStrings:Redis", doctor, StringComparison.Ordinal);
        Assert.DoesNotContain("password", doctor, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Root_makes_no_state_folder_that_the_service_could_not_use()
    {
        await _machine.RunAsync("rmdir /var/lib/lazaret");
        foreach (var command in (string[])["migrate", "serve", "keys init"])
        {
            var (exitCode, _, error) = await _machine.TryAsync($"lazaret {command}");
            Assert.Equal(3, exitCode);
            Assert.Contains("install -d -o lazaret -g lazaret -m 700 /var/lib/lazaret", error, StringComparison.Ordinal);
        }

        Assert.Equal("gone\n", await _machine.RunAsync("test -e /var/lib/lazaret || echo gone"));
    }

    [Fact]
    public async Task Root_takes_no_orders_of_another_user()
    {
        // Keys:Command would run as root, and the folder of the state is root's.
        await _machine.RunAsync("""
            mkdir /tmp/eve && cd /tmp/eve && install -d -m 700 /root/state
            echo '{"Lazaret":{"State":"/root/state","Keys":{"Source":"command","Command":["/usr/bin/touch","/root/owned"]}}}' >appsettings.json
            chown -R nobody /tmp/eve
            """);
        var (exitCode, _, error) = await _machine.TryAsync("cd /tmp/eve && lazaret keys rotate");
        Assert.Equal(3, exitCode);
        Assert.Contains("/tmp/eve/appsettings.json: belongs to user", error, StringComparison.Ordinal);
        Assert.Equal("", await _machine.RunAsync("ls /root/owned 2>/dev/null || true; ls /root/state"));
    }

    [Fact]
    public async Task A_program_that_the_services_user_may_not_read_is_said_in_words()
    {
        var (exitCode, _, error) = await _machine.TryAsync("cp -r /opt/lazaret /root/lazaret && chmod 700 /root && /root/lazaret/lazaret models list");
        Assert.Equal(3, exitCode);
        Assert.Contains("install the program where every user may read it", error, StringComparison.Ordinal);
    }

    private static string SampleCopy => "/opt/lazaret/samples/sepsis-news2/manifest.yaml";
}
