using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Cohort jobs over HTTP, in a sandbox.</summary>
public sealed class CohortJobTests(CohortJobTests.Site site) : IClassFixture<CohortJobTests.Site>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Answered =>
    [
        "q01_all", "q02_all_spearman", "q03_ybocs", "q04_pd", "q05_pd_6mo_spearman", "q06_stn", "q07_m1_f", "q08_nanmap_brain",
        "q09_nanmap_spearman", "q10_int16map_stn", "q13_othermap_unmasked_nii", "q17_gpi_spearman",
    ];

    [Theory]
    [MemberData(nameof(Answered))]
    public async Task N_R_and_p_equal_those_of_pandas_nibabel_and_scipy(string id)
    {
        var query = TinySite.Queries[id];
        var map = await File.ReadAllBytesAsync(Path.Combine(TinySite.Folder, (string)query["map"]!), Stop);
        using var form = TinySite.Form(
            map,
            ("task", "map_to_outcome_v1"),
            ("outcome", (string?)query["outcome"]),
            ("stat", (string?)query["stat"]),
            ("mask", (string?)query["mask"]),
            ("filters", query["filters"]!.ToJsonString()));
        using var response = await site.Node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var admitted = JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!;
        Assert.Equal("queued", (string?)admitted["status"]);
        Assert.Equal($"/jobs/{admitted["job_id"]}", response.Headers.Location!.ToString());

        var job = await site.Node.WaitAsync($"/jobs/{admitted["job_id"]}", "queued", "running");
        var expected = query["float64_sums"]!;
        Assert.Equal("done", (string?)job["status"]);
        Assert.Equal("Tiny", (string?)job["site"]);
        Assert.Equal((string?)query["outcome"], (string?)job["outcome"]);
        Assert.Equal((int)expected["n"]!, (int)job["n"]!);
        Assert.Equal(Math.Round((double)expected["R"]!, 3), (double)job["R"]!, 1e-9);
        Assert.Equal(Math.Round((double)expected["p"]!, 3), (double)job["p"]!, 1e-9);
    }

    [Fact]
    public async Task A_score_is_part_of_the_question_and_an_alternative_is_not()
    {
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        var answers = new List<JsonNode>();
        foreach (var (score, alternative) in new[] { ("spatial_pearson", "two-sided"), ("spatial_pearson", "less"), ("mean_inside", "greater") })
        {
            using var form = TinySite.Form(map, ("outcome", "UPDRS_change"), ("score", score), ("alternative", alternative));
            answers.Add(await AskAsync(form));
        }

        Assert.Equal(["spatial_pearson", "spatial_pearson", "mean_inside"], answers.Select(answer => (string?)answer["query"]!["score"]));
        Assert.Equal(["two-sided", "less", "greater"], answers.Select(answer => (string?)answer["alternative"]));
        Assert.Equal((decimal)answers[0]["R"]!, (decimal)answers[1]["R"]!);
        Assert.NotEqual((decimal)answers[0]["R"]!, (decimal)answers[2]["R"]!);
        Assert.True((double)answers[0]["R"]! > 0);
        Assert.Equal(1 - (double)answers[0]["p"]! / 2, (double)answers[1]["p"]!, 0.00051);
        Assert.Equal(1, (decimal)answers[0]["coverage"]!);
        using var wrong = TinySite.Form(map, ("outcome", "UPDRS_change"), ("score", "spearman"), ("alternative", "both"));
        using var refused = await site.Node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), wrong, Stop);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var faults = await refused.Content.ReadAsStringAsync(Stop);
        Assert.Contains("unknown score", faults, StringComparison.Ordinal);
        Assert.Contains("unknown alternative", faults, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_says_what_was_asked_of_which_data_by_which_node_and_how_to_cite_it()
    {
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        using var form = TinySite.Form(map, ("outcome", "UPDRS_change"), ("mask", "STN"), ("score", "weighted_mean"), ("filters", """{"sex":"F"}"""));
        var job = await AskAsync(form);
        Assert.Equal("none", (string?)job["interpolation"]);
        var version = (string)job["node_version"]!;
        Assert.NotEmpty(version);
        Assert.Equal(
            $"Tiny, Lazaret {version}, data {job["data_version"]}, map sha256:{job["map_sha256"]}. map_to_outcome_v1: pearson of weighted_mean and UPDRS_change, mask STN, filters {{\"sex\":\"F\"}}, covariates none; "
            + $"n = {job["n"]}, R = {job["R"]}, 95 % CI {job["ci95"]![0]} to {job["ci95"]![1]}, df = {job["df"]}, p = {job["p"]} (two-sided). Disclosure profile {job["disclosure"]!["profile"]}. Receipt {job["receipt"]}",
            (string?)job["citation"]);

        // The same map, its first axis from the other end, and then on a grid of its own.
        var main = NiftiVolume.Read(TinySite.Map("main.nii.gz"));
        var flipped = main.Grid with { Affine = main.Grid.Affine * new Affine(-1, 0, 0, main.Grid.X - 1, 0, 1, 0, 0, 0, 0, 1, 0) };
        var finer = new Grid(2 * main.Grid.X - 1, 2 * main.Grid.Y - 1, 2 * main.Grid.Z - 1, main.Grid.Affine * new Affine(0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0));
        foreach (var (grid, interpolation) in new[] { (flipped, "exact"), (finer, "trilinear") })
        {
            using var bytes = new MemoryStream();
            NiftiWriter.Write(bytes, Resampling.Onto(main, grid, Interpolation.Trilinear).Volume, compress: true);
            using var other = TinySite.Form(bytes.ToArray(), ("outcome", "UPDRS_change"), ("mask", "STN"), ("score", "weighted_mean"), ("filters", """{"sex":"F"}"""));
            var answer = await AskAsync(other);
            Assert.Equal(interpolation, (string?)answer["interpolation"]);
            Assert.Equal((decimal)job["R"]!, (decimal)answer["R"]!);
        }
    }

    [Fact]
    public async Task A_series_of_maps_is_answered_map_by_map()
    {
        var main = NiftiVolume.Read(TinySite.Map("main.nii.gz"));
        var series = new NiftiVolume(main.Grid, 2, [.. main.Values, .. main.Values.Select(value => -value)]);
        using var bytes = new MemoryStream();
        NiftiWriter.Write(bytes, series, compress: true);
        using var form = TinySite.Form(bytes.ToArray(), ("outcome", "UPDRS_change"));
        var job = await AskAsync(form);
        var expected = TinySite.Queries["q01_all"]["float64_sums"]!;
        Assert.Equal("done", (string?)job["status"]);
        Assert.Null(job["R"]);
        Assert.Equal(2, job["results"]!.AsArray().Count);
        foreach (var (result, sign) in job["results"]!.AsArray().Zip([1, -1]))
        {
            Assert.Equal((int)expected["n"]!, (int)result!["n"]!);
            Assert.Equal(sign * Math.Round((double)expected["R"]!, 3), (double)result["R"]!, 1e-9);
            Assert.Equal(Math.Round((double)expected["p"]!, 3), (double)result["p"]!, 1e-9);
        }
    }

    [Fact]
    public async Task The_starters_two_curl_lines_work()
    {
        var posted = await CurlAsync(
            "-F", $"map_file=@{TinySite.Map("main.nii.gz")}", "-F", "task=map_to_outcome_v1", "-F", "outcome=UPDRS_change", "-F", "stat=pearson",
            "-F", "mask=STN", "-F", """filters={"dx":"PD","visit":"6mo"}""", new Uri(site.Node.Client.BaseAddress!, "/jobs").ToString());
        var id = (string)JsonNode.Parse(posted)!["job_id"]!;
        await site.Node.WaitAsync($"/jobs/{id}", "queued", "running");
        var job = JsonNode.Parse(await CurlAsync(new Uri(site.Node.Client.BaseAddress!, $"/jobs/{id}").ToString()))!;
        Assert.Equal("done", (string?)job["status"]);
        Assert.Equal(6, (int)job["n"]!);
    }

    [Fact]
    public async Task A_cohort_below_the_minimum_is_blocked_and_says_nothing_else()
    {
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        using var form = TinySite.Form(map, ("outcome", "UPDRS_change"), ("filters", """{"dx":"OCD","visit":"6mo"}"""));
        var job = await AskAsync(form);
        Assert.Equal(["code", "ref", "status"], job.AsObject().Select(member => member.Key).Order());
        Assert.Equal("blocked", (string?)job["status"]);
        Assert.Equal("DISCLOSURE_CONTROL", (string?)job["code"]);
    }

    [Fact]
    public async Task The_same_request_under_its_key_is_the_same_job_and_another_one_is_refused()
    {
        var map = await File.ReadAllBytesAsync(TinySite.Map("main.nii.gz"), Stop);
        var first = await PostWithKeyAsync("pearson");
        Assert.Equal(first.Id, (await PostWithKeyAsync("pearson")).Id);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PostWithKeyAsync("spearman")).Code);

        await site.Node.WaitAsync($"/jobs/{first.Id}", "queued", "running");
        Assert.Equal((HttpStatusCode.Accepted, first.Id, "done"), await PostWithKeyAsync("pearson"));

        async Task<(HttpStatusCode Code, string? Id, string? Status)> PostWithKeyAsync(string stat)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/jobs");
            request.Content = TinySite.Form(map, ("outcome", "UPDRS_change"), ("stat", stat));
            request.Headers.Add("Idempotency-Key", "the same");
            using var response = await site.Node.Client.SendAsync(request, Stop);
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!;
            return (response.StatusCode, (string?)answer["job_id"], response.IsSuccessStatusCode ? (string?)answer["status"] : null);
        }
    }

    [Fact]
    public async Task The_catalog_shows_what_may_be_asked_and_nothing_rare()
    {
        var catalog = (await site.Node.Client.GetFromJsonAsync<JsonNode>("/catalog/variables", Stop))!;
        Assert.Equal("Tiny", (string?)catalog["site"]);
        Assert.Equal(5, (int)catalog["minimum_cohort"]!);
        Assert.Equal(8.0, (double)catalog["resolution_mm"]!, 1e-6);
        Assert.Equal(["GPi", "M1", "STN", "brain", "empty"], catalog["masks"]!.AsArray().Select(mask => (string)mask!).Order(StringComparer.Ordinal));
        var diagnoses = catalog["variables"]!.AsArray().Single(variable => (string?)variable!["name"] == "dx")!;
        Assert.Equal(["OCD", "PD"], diagnoses["levels"]!.AsArray().Select(level => (string)level!).Order());
        Assert.Equal(["UPDRS_change", "YBOCS_change"], catalog["outcomes"]!.AsArray().Select(outcome => (string)outcome!["name"]!).Order());
    }

    [Theory]
    [InlineData("/jobs/00000000-0000-0000-0000-000000000000")]
    [InlineData("/jobs/none")]
    [InlineData("/v1/jobs/00000000-0000-0000-0000-000000000000")]
    public async Task A_job_that_is_none_is_not_found(string path)
    {
        using var response = await site.Node.Client.GetAsync(new Uri(path, UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
    }

    private async Task<JsonNode> AskAsync(HttpContent form)
    {
        using var response = await site.Node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return await site.Node.WaitAsync(response.Headers.Location!.ToString(), "queued", "running");
    }

    private static Task<string> CurlAsync(params string[] arguments) => Tool.RunAsync("curl", ["--silent", "--show-error", "--fail-with-body", .. arguments]);

    public sealed class Site : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        internal HostedNode Node { get; private set; } = null!;

        internal string State => _folder.Path;

        public async ValueTask InitializeAsync() => Node = await HostedNode.ServeAsync(
            State, ("SITE_NAME", "Tiny"), ("DATA_VIEW", TinySite.Folder), ("K_MIN", "5"), ("Lazaret__Cohorts__MaxUploadMiB", "16"));

        public async ValueTask DisposeAsync()
        {
            await Node.DisposeAsync();
            _folder.Dispose();
        }
    }
}
