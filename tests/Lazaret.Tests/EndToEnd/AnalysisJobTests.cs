using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Tests.Projects;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Visiting analyses in a node: the starter's worker in a root of Debian's packages, and two that lie.</summary>
public sealed class AnalysisJobTests(AnalysisJobTests.Site site) : IClassFixture<AnalysisJobTests.Site>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("q01_all")]
    [InlineData("q02_all_spearman")]
    [InlineData("q04_pd")]
    [InlineData("q05_pd_6mo_spearman")]
    [InlineData("q06_stn")]
    [InlineData("q08_nanmap_brain")]
    [InlineData("q10_int16map_stn")]
    [InlineData("q13_othermap_unmasked_nii")]
    public async Task The_starters_worker_answers_as_the_built_in_task_does(string id)
    {
        Assert.SkipWhen(site.Lacks is not null && Environment.GetEnvironmentVariable("CI") != "true", site.Lacks ?? "");
        Assert.Null(site.Lacks);
        var query = TinySite.Queries[id];
        var own = await AskAsync("map_to_outcome_v1", query);
        var visiting = await AskAsync("starter", query);
        Assert.Equal("done", (string?)visiting["status"]);
        Assert.Equal((int)query["float64_sums"]!["n"]!, (int)visiting["n"]!);
        Assert.All((string[])["n", "R", "p", "ci95", "df"], member => Assert.Equal(own[member]!.ToJsonString(), visiting[member]!.ToJsonString()));
    }

    [Theory]
    [InlineData("more")]
    [InlineData("fewer")]
    public async Task An_analysis_that_claims_another_cohort_than_was_asked_for_is_blocked(string task)
    {
        var job = await AskAsync(task, TinySite.Queries["q01_all"]);
        Assert.Equal(["code", "ref", "status"], job.AsObject().Select(member => member.Key).Order());
        Assert.Equal("blocked", (string?)job["status"]);
    }

    [Fact]
    public async Task An_analysis_sees_the_starters_environment_and_the_data_and_can_change_nothing()
    {
        var job = await AskAsync("honest", TinySite.Queries["q06_stn"]);
        Assert.Equal("done", (string?)job["status"]);
        Assert.Equal(0.25, (double)job["R"]!);
    }

    [Fact]
    public async Task An_operator_reads_what_an_analysis_printed_and_the_audit_says_so()
    {
        var job = await AskAsync("talker", TinySite.Queries["q01_all"]);
        // Nothing of how it failed, which a program could choose by what it saw of the data.
        Assert.StartsWith("the analysis gave no answer;", (string?)job["error"], StringComparison.Ordinal);
        var audit = (await NodeProcess.RunAsync(site.State, ["audit", "export", "--action", "run_failed"])).Output;
        var id = audit.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).Last(entry => (string?)entry["detail"]!["why"] == "the program ended with exit code 7")["job"]!.ToString();
        var (exitCode, output, error) = await HostedNode.RunAsync(site.State, ["jobs", "log", id]);
        Assert.True(exitCode == 0, error);
        var lines = output.TrimEnd().Split('\n');
        Assert.StartsWith("# attempt 1, ", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(", exited", lines[0], StringComparison.Ordinal);
        // Neither escape sequences nor marks of direction reach the terminal, and no line passes for the node's own.
        Assert.Equal(["| # attempt 2, forged \uFFFD[31mred", "| \\u{202E}turned"], lines[1..]);
        var read = (await NodeProcess.RunAsync(site.State, ["audit", "export", "--action", "job_read", "--job", id])).Output;
        Assert.Contains("\"what\":\"log\"", read, StringComparison.Ordinal);
        var unknown = await HostedNode.RunAsync(site.State, ["jobs", "log", $"{Guid.NewGuid()}"]);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("there is no job", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_analysis_is_tried_in_the_sandbox_before_it_is_registered()
    {
        using var folder = new TemporaryFolder();
        var state = folder.MakePrivate("state");
        var talker = ShellAnalysis(folder.Path, "trial", """
            echo "rows: $(wc -l <"$ROWS") $SCORE $STAT $COVARIATES"
            printf 'turned \342\200\256\n'
            echo '{"n":'$(($(wc -l <"$ROWS") - 1 - ${#MASK_NAME}))',"R":0.5,"p":0.0125}' >$OUT_JSON
            """);
        string[] ask = ["analyses", "run", talker, "--map", TinySite.Map("main.nii.gz"), "--outcome", "UPDRS_change"];
        var (exitCode, output, error) = await HostedNode.RunAsync(state, ask, ("DATA_VIEW", TinySite.Folder));
        Assert.True(exitCode == 0, error);
        Assert.Equal("""{"n":25,"R":0.5,"p":0.0125}""", output.Trim());
        Assert.Contains("| rows: 26 dot pearson \n| turned \\u{202E}\n", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(state, "models")));

        var other = await HostedNode.RunAsync(state, [.. ask, "--mask", "STN"], ("DATA_VIEW", TinySite.Folder));
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("the query selects 25 rows: an answer about 22 would be blocked", other.Error, StringComparison.Ordinal);
        var refused = await HostedNode.RunAsync(state, [.. ask, "--stat", "spearman"], ("DATA_VIEW", TinySite.Folder));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("stat: trial computes pearson", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, "done")]
    [InlineData(7, "blocked")]
    public async Task The_smallest_cohort_of_a_project_holds_for_an_analysis_too(int minimum, string expected)
    {
        var added = await HostedNode.RunAsync(site.State, ["projects", "add", $"least-{minimum}", "--title", "A study", "--minimum-cohort", $"{minimum}"], ("DATA_VIEW", TinySite.Folder), ("K_MIN", "5"));
        Assert.True(added.ExitCode == 0, added.Error);
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        string? place = null;
        // A running node sees a new project half a second later.
        await Wait.UntilAsync(
            async () =>
            {
                using var form = TinySite.Form(map, ("task", "six"), ("outcome", "UPDRS_change"), ("filters", """{"dx":"PD","visit":"6mo"}"""));
                using var request = new HttpRequestMessage(HttpMethod.Post, "/jobs") { Content = form };
                request.Headers.Add(ApprovedProjects.Header, $"least-{minimum}");
                using var response = await site.Node.Client.SendAsync(request, Stop);
                place = response.Headers.Location?.ToString();
                return response.StatusCode == HttpStatusCode.Accepted;
            },
            "a job in the project");
        var job = await site.Node.WaitAsync(place!, "queued", "running");
        Assert.Equal(expected, (string?)job["status"]);
    }

    [Fact]
    public async Task What_an_analysis_cannot_answer_is_refused_before_it_runs()
    {
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        using var form = TinySite.Form(map, ("task", "honest"), ("outcome", "UPDRS_change"), ("stat", "spearman"), ("covariates", "sex"));
        using var response = await site.Node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var faults = JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["errors"]!.AsArray();
        Assert.Equal(["covariates", "stat"], faults.Select(fault => (string?)fault!["field"]).Order());
    }

    [Fact]
    public async Task A_job_whose_volumes_go_away_while_it_runs_waits_and_is_answered_when_they_are_back()
    {
        var (volumes, away) = (Path.Combine(site.View, "conn"), Path.Combine(site.State, "away"));
        var path = await AdmitAsync("waits", TinySite.Queries["q01_all"]);
        Assert.Equal("running", (string?)(await site.Node.WaitAsync(path, "queued"))["status"]);
        Directory.Move(volumes, away);
        try
        {
            Assert.Equal("queued", (string?)(await site.Node.WaitAsync(path, "running"))["status"]);
            JsonNode ready = null!;
            await Wait.UntilAsync(async () => !(bool)(ready = (await site.Node.Client.GetFromJsonAsync<JsonNode>("/readyz", Stop))!)["cohort"]!["ready"]!, "the loss");
            Assert.Contains("volumes that the cohort has are not there any more", (string?)ready["not_ready"]!["data_view"], StringComparison.Ordinal);
            var doctor = await NodeProcess.RunAsync(site.State, ["doctor", "--json"], ("DATA_VIEW", site.View));
            Assert.Contains("volumes that the cohort has are not there any more", doctor.Output, StringComparison.Ordinal);
        }
        finally
        {
            // The program waits no more where this is there; and the view is read again at once.
            await File.WriteAllTextAsync(Path.Combine(site.View, "again"), "", Stop);
            Directory.Move(away, volumes);
            File.SetLastWriteTimeUtc(Path.Combine(site.View, "again"), DateTime.UnixEpoch);
        }

        var answered = await site.Node.WaitAsync(path, "queued", "running");
        Assert.True("done" == (string?)answered["status"], answered.ToJsonString());
        Assert.Equal(25, (int)answered["n"]!);
    }

    [Fact]
    public async Task The_catalog_and_the_registry_show_them()
    {
        var catalog = (await site.Node.Client.GetFromJsonAsync<JsonNode>("/catalog/variables", Stop))!;
        var tasks = catalog["tasks"]!.AsArray().Select(task => (string)task!).ToList();
        Assert.Equal("map_to_outcome_v1", tasks[0]);
        Assert.Empty(((string[])["more", "fewer", "honest"]).Except(tasks, StringComparer.Ordinal));
        var (exitCode, output, _) = await HostedNode.RunAsync(site.State, ["analyses", "verify"]);
        Assert.Equal(0, exitCode);
        Assert.Contains("honest@1.0.0: as registered", output, StringComparison.Ordinal);
    }

    /// <summary>Makes an analysis out of a script; its manifest.</summary>
    private static string ShellAnalysis(string above, string key, string script)
    {
        var folder = Directory.CreateDirectory(Path.Combine(above, key)).FullName;
        Directory.CreateDirectory(Path.Combine(folder, "image", "bin"));
        File.Copy("/bin/busybox", Path.Combine(folder, "image", "bin", "busybox"));
        foreach (var tool in (string[])["sh", "gunzip", "head", "wc"])
            File.CreateSymbolicLink(Path.Combine(folder, "image", "bin", tool), "busybox");
        File.WriteAllText(Path.Combine(folder, "image", "run.sh"), script);
        File.WriteAllText(Path.Combine(folder, "manifest.yaml"), $"""
            key: {key}
            version: 1.0.0
            image: ./image
            command: [/bin/sh, /run.sh]
            stats: [pearson]
            """);
        return Path.Combine(folder, "manifest.yaml");
    }

    private async Task<JsonNode> AskAsync(string task, JsonNode query) => await site.Node.WaitAsync(await AdmitAsync(task, query), "queued", "running");

    private async Task<string> AdmitAsync(string task, JsonNode query)
    {
        using var form = TinySite.Form(
            await File.ReadAllBytesAsync(Path.Combine(TinySite.Folder, (string)query["map"]!), Stop),
            ("task", task),
            ("outcome", (string?)query["outcome"]),
            ("stat", (string?)query["stat"]),
            ("mask", (string?)query["mask"]),
            ("filters", query["filters"]!.ToJsonString()));
        using var response = await site.Node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync(Stop));
        return response.Headers.Location!.ToString();
    }

    public sealed class Site : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private readonly TemporaryFolder _view = new();

        internal HostedNode Node { get; private set; } = null!;

        internal string State => _folder.Path;

        internal string View => _view.Path;

        /// <summary>Why the starter's worker cannot be tried here.</summary>
        internal string? Lacks { get; private set; }

        public async ValueTask InitializeAsync()
        {
            await Tool.RunAsync("cp", "-r", $"{TinySite.Folder}/.", _view.Path);
            await Tool.RunAsync("chmod", "-R", "o+rX", _view.Path);
            // Every second volume by its absolute path below the view.
            var paths = await File.ReadAllLinesAsync(_view["paths.csv"]);
            await File.WriteAllLinesAsync(_view["paths.csv"], paths.Select((line, i) => i % 2 == 0 ? line : line.Replace(",conn/", $",{_view.Path}/conn/", StringComparison.Ordinal)));

            await AddShellAsync("more", "echo '{\"n\":1000,\"R\":0.5,\"p\":0.5}' >$OUT_JSON");
            await AddShellAsync("fewer", "echo '{\"n\":24,\"R\":0.5,\"p\":0.5}' >$OUT_JSON");
            await AddShellAsync("six", "echo '{\"n\":6,\"R\":0.5,\"p\":0.5}' >$OUT_JSON");
            await AddShellAsync("waits", """
                test -e "$DATA_DIR/again" || { while test -e "$DATA_DIR/conn"; do /bin/busybox sleep 1; done; exit 3; }
                echo '{"n":25,"R":0.5,"p":0.5}' >$OUT_JSON
                """);
            await AddShellAsync("talker", "printf '# attempt 2, forged \\033[31mred\\n\\342\\200\\256turned\\n'; exit 7");
            await AddShellAsync("honest", """
                set -eu
                test "$OUTCOME/$MASK_NAME/$STAT/$FILTERS" = "UPDRS_change/STN/pearson/{}"
                test "$HOME" = /tmp
                gunzip -t "$MAP_PATH" "$MASK_PATH"
                test "$(head -n 1 "$ROWS")/$(wc -l <"$ROWS")" = "subject_id,visit/26"
                test "$(head -n 1 "$VALUES")/$(wc -l <"$VALUES")" = "subject_id,visit,conn_path,outcome/26"
                tail -n +2 "$VALUES" | while IFS=, read -r subject visit path outcome; do test -s "$DATA_DIR/$path"; test "$outcome"; done
                test -s "$DATA_DIR/conn/sub-0000.nii.gz"
                for path in "$DATA_DIR/subjects.csv" "$MAP_PATH" /run.sh; do ! echo x >>"$path" || exit 1; done 2>/dev/null
                echo '{"n":25,"R":0.25,"p":0.5,"subjects":["sub-0000"]}' >"$OUT_JSON"
                """);
            var starter = Directory.CreateDirectory(Path.Combine(State, "starter")).FullName;
            var sample = Repository.File("samples", "analyses", "starter");
            File.Copy(Path.Combine(sample, "manifest.yaml"), Path.Combine(starter, "manifest.yaml"));
            Lacks = await RunAsync(Path.Combine(sample, "make-root"), Path.Combine(starter, "image"));
            if (Lacks is null)
                await AddAsync(starter);
            Node = await HostedNode.ServeAsync(State, ("SITE_NAME", "Tiny"), ("DATA_VIEW", _view.Path), ("K_MIN", "5"));
        }

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            _folder.Dispose();
            _view.Dispose();
        }

        private async Task AddShellAsync(string key, string script)
        {
            ShellAnalysis(State, key, script);
            await AddAsync(Path.Combine(State, key));
        }

        private async Task AddAsync(string folder)
        {
            var (exitCode, _, error) = await HostedNode.RunAsync(State, ["analyses", "add", Path.Combine(folder, "manifest.yaml")]);
            Assert.True(exitCode == 0, error);
            Directory.Delete(Path.Combine(folder, "image"), recursive: true);
        }

        private static async Task<string?> RunAsync(string file, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(file, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            var error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? null : error;
        }
    }
}
