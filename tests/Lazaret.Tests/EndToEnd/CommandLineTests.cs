using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Lazaret.Tests.EndToEnd;

/// <summary>The commands of the built binary: what they print, and their exit codes.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("serve", "--role", "everything")]
    [InlineData("nonsense")]
    [InlineData("serve", "--urls", "http://0.0.0.0:8080")]
    [InlineData("serve", "--Lazaret:Jobs:LeaseSeconds=0")]
    [InlineData("serve", "--config", "/does/not/exist.json")]
    [InlineData("doctor", "--config", "/does/not/exist.env")]
    [InlineData("migrate", "--ConnectionStrings:Lazarett=Host=x")]
    [InlineData("serve", "--Lazaret:Jbos:LeaseSeconds=9")]
    [InlineData("models", "add", "/does/not/exist.yaml")]
    [InlineData("models", "show", "nothing")]
    [InlineData("models", "remove", "nothing@1.0.0")]
    [InlineData("models", "remove", "nothing")]
    [InlineData("audit", "export", "--format", "xml")]
    [InlineData("audit", "export", "--archive", "parts", "--since", "2026-01-01")]
    [InlineData("audit", "export", "--since", "2027-01-01", "--until", "2026-01-01")]
    [InlineData("nifti", "info", "/does/not/exist.nii")]
    [InlineData("nifti", "info", "/etc/passwd")]
    [InlineData("site", "check", "/does/not/exist")]
    [InlineData("fhir", "validate", "/does/not/exist.json")]
    public async Task Bad_input_is_one_line_on_stderr_and_exit_code_2(params string[] arguments)
    {
        if (arguments[0] == "models")
            await MakeNodeAsync();
        var run = await NodeProcess.RunAsync(_folder.Path, arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("lazaret: ", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task A_restore_of_no_file_makes_no_state_folder()
    {
        var run = await NodeProcess.RunAsConfiguredAsync(_folder.Path, ["restore", _folder["none.backup"]], ("WORK_DIR", _folder["mistyped"]));
        Assert.Equal(2, run.ExitCode);
        Assert.False(Directory.Exists(_folder["mistyped"]), run.Error);
    }

    [Fact]
    public async Task What_is_missing_is_one_line_on_stderr_and_exit_code_3()
    {
        await File.WriteAllTextAsync(_folder["file"], "", TestContext.Current.CancellationToken);
        var state = await NodeProcess.RunAsync(_folder.Path, ["migrate"], ("WORK_DIR", _folder["file/state"]));
        Assert.Equal(3, state.ExitCode);
        Assert.Contains("set Lazaret:State", Assert.Single(state.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);

        var behind = await NodeProcess.RunAsync(_folder.Path, ["audit", "export"], ("Lazaret__Database__AutoMigrate", "false"));
        Assert.Equal(3, behind.ExitCode);
        Assert.Contains("lazaret migrate", behind.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await NodeProcess.RunAsync(_folder.Path, ["migrate"], ("Lazaret__Database__AutoMigrate", "false"))).ExitCode);
        Assert.Equal(0, (await NodeProcess.RunAsync(_folder.Path, ["audit", "export"], ("Lazaret__Database__AutoMigrate", "false"))).ExitCode);

        Assert.Equal(3, (await NodeProcess.RunAsync(_folder.Path, ["cohort", "ingest"], ("DATA_VIEW", _folder["none"]))).ExitCode);
    }

    [Fact]
    public async Task The_demo_shows_what_was_planted_whatever_the_user_has_configured_and_its_console_something_to_decide()
    {
        await using var demo = await NodeProcess.ServeAsConfiguredAsync(_folder.Path, ["demo", "--stay"], ("K_MIN", "1000"), ("DATA_VIEW", "/does/not/exist"));
        foreach (var shown in (string[])["0.62", "blocked", "../../etc/passwd", "8310-5", "POSITIVE"])
            Assert.Contains(shown, demo.Log, StringComparison.Ordinal);
        foreach (var wrong in (string[])["\u001b", "not as expected"])
            Assert.DoesNotContain(wrong, demo.Log, StringComparison.Ordinal);

        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = demo.Client.BaseAddress };
        var home = await GetAsync("console");
        Assert.Contains("1 release is held for review", home, StringComparison.Ordinal);
        Assert.Contains("A job failed", home, StringComparison.Ordinal);
        Assert.Contains("no valid member", home, StringComparison.Ordinal);
        var path = Regex.Match(await GetAsync("console/reviews"), "console/reviews/[0-9a-f-]{36}", RegexOptions.None, TimeSpan.FromSeconds(1)).Value;
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("decision", "approve"), KeyValuePair.Create("why", "As the protocol says.")]);
        using var decided = await browser.PostAsync(new Uri(path, UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.SeeOther, decided.StatusCode);
        Assert.DoesNotContain("held for review", await GetAsync("console"), StringComparison.Ordinal);
        Assert.Contains("""<span class="b ok">Done</span>""", await GetAsync(path.Replace("reviews", "jobs", StringComparison.Ordinal)), StringComparison.Ordinal);

        Task<string> GetAsync(string page) => browser.GetStringAsync(new Uri(page, UriKind.Relative), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_state_folder_that_is_open_to_others_is_refused_by_every_command_and_nothing_is_written_to_it()
    {
        var open = Directory.CreateDirectory(_folder["open"]).FullName;
        File.SetUnixFileMode(open, (UnixFileMode)0b111_101_101);
        foreach (var arguments in (string[][])[["migrate"], ["keys", "init"], ["models", "list"], ["backup", _folder["backup"]], ["restore", "/etc/passwd"], ["sandbox", "build"], ["serve"]])
        {
            var run = await NodeProcess.RunAsync(_folder.Path, arguments, ("WORK_DIR", open));
            Assert.Equal(3, run.ExitCode);
            Assert.Contains($"chmod 700 {open}", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }

        var doctor = JsonNode.Parse((await NodeProcess.RunAsync(_folder.Path, ["doctor", "--json"], ("WORK_DIR", open))).Output)!.AsArray();
        Assert.Contains($"chmod 700 {open}", (string?)doctor.Single(finding => (string?)finding!["what"] == "state folder")!["why"], StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(open));
    }

    [Theory]
    [InlineData("000")]
    [InlineData("002")]
    [InlineData("077")]
    public async Task A_state_folder_is_made_for_the_nodes_user_alone_whatever_the_umask(string umask)
    {
        var state = _folder["a/b/state"];
        foreach (var command in (string[])["keys init", "migrate", "audit export"])
        {
            using var shell = Process.Start("sh", ["-c", $"umask {umask}; WORK_DIR=\"$1\" exec \"$0\" {command}", Repository.File("artifacts", "lazaret", "lazaret"), state]);
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, shell.ExitCode);
        }

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(state));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(state, "lazaret.db")));
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_folder["a/b"]) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite));
    }

    [Fact]
    public async Task A_node_whose_audit_lost_its_triggers_does_not_start_and_says_what_mends_it()
    {
        Assert.Equal(0, (await HostedNode.RunAsync(_folder.Path, ["migrate"])).ExitCode);
        await using (var database = new SqliteConnection($"Data Source={_folder["lazaret.db"]};Pooling=False"))
        {
            await database.OpenAsync(TestContext.Current.CancellationToken);
            await using var drop = database.CreateCommand();
            drop.CommandText = "DROP TRIGGER Audit_NoDELETE";
            await drop.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var doctor = JsonNode.Parse((await NodeProcess.RunAsync(_folder.Path, ["doctor", "--json"])).Output)!.AsArray();
        Assert.Contains("lacks the trigger Audit_NoDELETE", (string?)doctor.Single(finding => (string?)finding!["what"] == "database sqlite")!["why"], StringComparison.Ordinal);
        Assert.Contains("will refuse this backup", (await NodeProcess.RunAsync(_folder.Path, ["backup", _folder["backup"]])).Error, StringComparison.Ordinal);
        var serve = await NodeProcess.RunAsync(_folder.Path, ["serve", "--urls", "http://127.0.0.1:0"]);
        Assert.Equal(3, serve.ExitCode);
        Assert.Contains("CREATE TRIGGER Audit_NoDELETE", serve.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cohort_store_is_closed_to_others()
    {
        Assert.Equal(0, (await NodeProcess.RunAsync(_folder.Path, ["cohort", "ingest"], ("DATA_VIEW", TinySite.Folder))).ExitCode);
        var (group, folder) = Environment.IsPrivilegedProcess ? (UnixFileMode.GroupRead, UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.SetGroup) : default;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | group, File.GetUnixFileMode(_folder["cohort/cohort.store"]));
        Assert.Equal((UnixFileMode)0b111_000_000 | folder, File.GetUnixFileMode(_folder["cohort"]));
    }

    [Fact]
    public async Task A_port_in_use_is_one_line_and_exit_code_3()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var run = await NodeProcess.RunAsync(_folder.Path, ["serve", "--urls", $"http://{taken.LocalEndpoint}"], ("Logging__LogLevel__Default", "None"));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("in use", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_terminal_shows_what_serve_prints_in_colors_and_not_their_escapes()
    {
        // A shell without job control has what it starts in the background ignore SIGINT, and all that is started by that.
        using var terminal = Process.Start(new ProcessStartInfo(
            "/usr/bin/script", ["-qec", $"exec env --default-signal=INT {NodeProcess.Binary} serve --role api --urls http://127.0.0.1:0", "/dev/null"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            Environment = { ["WORK_DIR"] = _folder["state"], ["TERM"] = "xterm-256color" },
        })!;
        var shown = "";
        try
        {
            while (!shown.Contains("not safe", StringComparison.Ordinal))
                shown += $"{await terminal.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new InvalidOperationException(shown)}\n";
            terminal.StandardInput.Write('\u0003');
            terminal.StandardInput.Close();
            await terminal.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            terminal.Kill(entireProcessTree: true);
        }

        Assert.Contains("\u001b[1maddress\u001b[0m", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("u{001B}", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_stewards_query_equals_the_vectors_to_the_last_digit()
    {
        Assert.Equal(0, (await NodeProcess.RunAsync(_folder.Path, ["cohort", "ingest"], ("DATA_VIEW", TinySite.Folder))).ExitCode);
        var query = TinySite.Queries["q07_m1_f"];
        var run = await NodeProcess.RunAsync(
            _folder.Path,
            ["cohort", "run", "--map", TinySite.Map("main.nii.gz"), "--outcome", "UPDRS_change", "--mask", "M1", "--filters", """{"sex":"F"}""", "--exact", "--json"],
            ("DATA_VIEW", TinySite.Folder));
        Assert.Equal(0, run.ExitCode);
        var answer = JsonNode.Parse(run.Output)!;
        Assert.Equal(12, (int)answer["n"]!);
        Assert.Equal((double)query["float64_sums"]!["R"]!, (double)answer["R"]!, 1e-12);
        Assert.Equal((double)query["float64_sums"]!["p"]!, (double)answer["p"]!, 1e-12);
    }

    [Fact]
    public async Task A_volume_is_described_and_brought_onto_another_grid()
    {
        var info = await NodeProcess.RunAsync(_folder.Path, ["nifti", "info", TinySite.Map("other.nii"), "--json"]);
        var summary = JsonNode.Parse(info.Output)!;
        Assert.Equal(3, summary["dims"]!.AsArray().Count);
        Assert.Equal("float32", (string?)summary["datatype"]);

        var resampled = await NodeProcess.RunAsync(
            _folder.Path, ["nifti", "resample", TinySite.Map("other.nii"), "--onto", TinySite.Map("main.nii.gz"), "--out", _folder["out.nii.gz"]]);
        Assert.Equal(0, resampled.ExitCode);
        var again = JsonNode.Parse((await NodeProcess.RunAsync(_folder.Path, ["nifti", "info", _folder["out.nii.gz"], "--json"])).Output)!;
        Assert.Equal((double)summary["sum"]!, (double)again["sum"]!, 1e-3);
    }

    [Fact]
    public async Task A_new_site_is_documented_and_sound_but_empty()
    {
        Assert.Equal(0, (await NodeProcess.RunAsync(_folder.Path, ["site", "init", _folder["site"]])).ExitCode);
        Assert.Equal(2, (await NodeProcess.RunAsync(_folder.Path, ["site", "init", _folder["site"]])).ExitCode);
        var check = await NodeProcess.RunAsync(_folder.Path, ["site", "check", _folder["site"]]);
        Assert.Equal(1, check.ExitCode);
        Assert.Contains("no volume", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adding_a_model_says_which_registry_it_went_to()
    {
        var run = await NodeProcess.RunAsync(_folder.Path, ["models", "add", SampleModel.Manifest]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.StartsWith("sepsis@1.0.0 sha256:", Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains($"Registered in {_folder.Path}. To use another registry, set WORK_DIR or Lazaret:State.", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models")]
    [InlineData("analyses")]
    public async Task An_empty_list_says_how_to_add_a_program(string programs)
    {
        await MakeNodeAsync();
        var run = await NodeProcess.RunAsync(_folder.Path, [programs, "list"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains($"No {programs} to list. To add one: lazaret {programs} add MANIFEST", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_negotiation_is_shown_offline()
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var bundle = Lazaret.SampleSite.SampleBundles.Render(Lazaret.SampleSite.SampleBundles.Healthy, now, "8310-5");
        await File.WriteAllBytesAsync(_folder["bundle.json"], bundle, TestContext.Current.CancellationToken);
        var run = await NodeProcess.RunAsync(_folder.Path,
            ["models", "negotiate", Repository.File("samples", "models", "sepsis-news2", "manifest.yaml"), _folder["bundle.json"], "--now", now.ToString("O", CultureInfo.InvariantCulture), "--json"]);
        Assert.Equal(1, run.ExitCode);
        var answer = JsonNode.Parse(run.Output)!;
        Assert.Equal("data-required", (string?)answer["verdict"]);
        Assert.Equal("8310-5", (string?)Assert.Single(answer["missing"]!.AsArray())!["code"]);
        Assert.Equal("Observation/healthy-pulse", (string?)answer["used"]!["8867-4"]);
    }

    [Fact]
    public async Task Of_a_setting_that_an_environment_file_has_twice_commands_take_the_last_as_the_service_does()
    {
        _folder.Write("lazaret.env", $"Lazaret__State={_folder["state"]}\nConnectionStrings__Lazaret='Data Source={_folder["first.db"]}'\nConnectionStrings__Lazaret='Data Source={_folder["last.db"]}'\n");
        var run = await NodeProcess.RunAsConfiguredAsync(_folder.Path, ["migrate", "--config", _folder["lazaret.env"]]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal((false, true), (File.Exists(_folder["first.db"]), File.Exists(_folder["last.db"])));
    }

    public void Dispose() => _folder.Dispose();

    private async Task MakeNodeAsync() => Assert.Equal(0, (await HostedNode.RunAsync(_folder.Path, ["migrate"])).ExitCode);
}
