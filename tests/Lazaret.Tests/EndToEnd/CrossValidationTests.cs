using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Cohort.Nifti;
using Lazaret.Tests.Disclosure;

namespace Lazaret.Tests.EndToEnd;

/// <summary><c>cross_validate_v1</c> over HTTP.</summary>
public sealed class CrossValidationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_map_each_is_predicted_by_the_others_by_one_scheme_for_a_mask()
    {
        using var site = Site(31);
        await using var node = await ServeAsync(site);
        var answer = await AskAsync(node, ("cv", "loo"), ("mask", "small"));
        Assert.Equal("done", (string?)answer["status"]);
        Assert.Equal((60, 58, "loo", "spatial_pearson"), ((int)answer["n"]!, (int)answer["df"]!, (string)answer["query"]!["cv"]!, (string)answer["query"]!["score"]!));
        Assert.Null(answer["map_sha256"]);
        Assert.Null(answer["coverage"]);
        using (var receipt = await node.Client.GetAsync(new Uri((string)answer["receipt"]!, UriKind.Relative), Stop))
            Assert.Equal(HttpStatusCode.OK, receipt.StatusCode);

        // The steward's own, without disclosure control, is the same R.
        var steward = await NodeProcess.RunAsync(_folder["state"], ["cohort", "run", "--outcome", "change", "--cv", "loo", "--mask", "small"], ("DATA_VIEW", site.Path));
        Assert.True(steward.ExitCode == 0, steward.Error);
        Assert.Equal(answer["R"]!.ToJsonString(), JsonNode.Parse(steward.Output)!["R"]!.ToJsonString());

        // Asked again it is the same; many schemes together would tell the outcomes.
        Assert.Equal(answer["R"]!.ToJsonString(), (await AskAsync(node, ("cv", "loo"), ("mask", "small")))["R"]!.ToJsonString());
        foreach (var (scheme, within, stat) in new (string, string?, string?)[] { ("kfold", null, null), ("group", "sex", null), ("loo", null, "spearman") })
            Assert.Equal("blocked", (string?)(await AskAsync(node, ("cv", scheme), ("within", within), ("stat", stat), ("mask", "small")))["status"]);
    }

    [Fact]
    public async Task A_p_by_permutation_goes_with_the_same_R_and_rests_on_seeds_that_are_the_nodes()
    {
        using var site = Site(34);
        await using var node = await ServeAsync(site);
        var plain = await AskAsync(node, ("cv", "loo"), ("mask", "small"));
        var permuted = await AskAsync(node, ("cv", "loo"), ("mask", "small"), ("null", "permutation"), ("alternative", "greater"));
        Assert.True("done" == (string?)permuted["status"], permuted.ToJsonString());
        Assert.Equal((plain["R"]!.ToJsonString(), 1000, "permutation", "greater"), (permuted["R"]!.ToJsonString(), (int)permuted["B"]!, (string)permuted["query"]!["null"]!, (string)permuted["alternative"]!));
        Assert.Matches("^[0-9a-f]{64}$", (string)permuted["seed_sha256"]!);

        // By the steward's own seed it differs by chance alone.
        var steward = await NodeProcess.RunAsync(
            _folder["state"], ["cohort", "run", "--outcome", "change", "--cv", "loo", "--mask", "small", "--null", "permutation", "--alternative", "greater", "--permutations", "2000", "--seed", "x", "--exact"], ("DATA_VIEW", site.Path));
        Assert.True(steward.ExitCode == 0, steward.Error);
        var own = JsonNode.Parse(steward.Output)!;
        Assert.Equal((2000, "x"), ((int)own["B"]!, (string)own["seed"]!));
        var p = (double)own["p"]!;
        Assert.Equal(p, (double)permuted["p"]!, 4 * Math.Sqrt(p * (1 - p) / 1000) + 0.003);

        // In parts, one digest tells of both draws.
        Assert.Equal(0, (await NodeProcess.RunAsync(_folder["state"], ["cohort", "run", "--outcome", "change", "--cv", "kfold", "--null", "permutation", "--permutations", "99"], ("DATA_VIEW", site.Path))).ExitCode);
        var refused = await NodeProcess.RunAsync(_folder["state"], ["cohort", "run", "--outcome", "change", "--cv", "loo", "--null", "permutation", "--stat", "spearman"], ("DATA_VIEW", site.Path));
        Assert.Contains("a cross-validation is permuted by pearson alone", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_ledger_counts_waits_for_a_steward_and_small_groups_are_blocked()
    {
        using var site = Site(32);
        await using var node = await ServeAsync(site);
        Assert.Equal("held", (string?)(await AskAsync(node, ("cv", "loo")))["status"]);
        Assert.Equal("held", (string?)(await AskAsync(node, ("cv", "loo"), ("mask", "small"), ("stat", "spearman")))["status"]);
        // A steward lets it go, and whoever asks again is answered.
        foreach (var id in await HeldAsync())
            Assert.Equal(0, (await NodeProcess.RunAsync(_folder["state"], ["review", "approve", id])).ExitCode);
        Assert.Equal("done", (string?)(await AskAsync(node, ("cv", "loo")))["status"]);
        Assert.Equal("held", (string?)(await AskAsync(node, ("cv", "kfold"), ("mask", "other")))["status"]);
        Assert.Equal(0, (await NodeProcess.RunAsync(_folder["state"], ["review", "approve", Assert.Single(await HeldAsync())])).ExitCode);
        var parts = await AskAsync(node, ("cv", "kfold"), ("mask", "other"));
        Assert.Equal(("done", 64), ((string)parts["status"]!, ((string)parts["seed_sha256"]!).Length));
        // Of the 60, 5 are in ward c.
        Assert.Equal("blocked", (string?)(await AskAsync(node, ("cv", "group"), ("within", "ward"), ("mask", "other")))["status"]);
    }

    /// <summary>Otherwise the mean of many wordings would have little noise.</summary>
    [Fact]
    public async Task The_same_people_in_other_words_have_the_same_noise()
    {
        using var site = Site(36);
        await using var node = await ServeAsync(site, ("Lazaret__Disclosure__Profile", "guarded"));
        var plain = await AskAsync(node, ("cv", "loo"), ("mask", "small"));
        var inOtherWords = await AskAsync(node, ("cv", "loo"), ("mask", "small"), ("filters", """{"sex":["F","M"]}"""));
        Assert.Equal(("done", "done"), ((string)plain["status"]!, (string)inOtherWords["status"]!));
        Assert.NotEqual(plain["query"]!.ToJsonString(), inOtherWords["query"]!.ToJsonString());
        Assert.Equal(plain["R"]!.ToJsonString(), inOtherWords["R"]!.ToJsonString());
    }

    [Fact]
    public async Task Everything_that_does_not_fit_together_is_said()
    {
        using var site = Site(33);
        await using var node = await ServeAsync(site);
        var everything = await RefuseAsync(node, site.NextMap(), ("task", "cross_validate_v1"), ("cv", "group"), ("stat", "kendall"), ("covariates", "sex"), ("null", "permutation"), ("score", "dot"), ("space", "fsaverage"));
        Assert.Equal(["covariates", "map_file", "null", "score", "space", "stat", "within"], everything);
        Assert.Equal(["cv"], await RefuseAsync(node, site.NextMap(), ("cv", "loo")));
        Assert.Equal(["cv"], await RefuseAsync(node, null, ("task", "cross_validate_v1")));
        Assert.Equal(["cv"], await RefuseAsync(node, null, ("task", "cross_validate_v1"), ("cv", "leave-two-out")));

        // The steward's command refuses what would do nothing, too.
        foreach (var (option, value, scheme) in ((string, string, string)[])[("--permutations", "9", "kfold"), ("--seed", "x", "loo"), ("--space", "fsaverage", "loo")])
        {
            var idle = await NodeProcess.RunAsync(_folder["state"], ["cohort", "run", "--outcome", "change", "--cv", scheme, option, value], ("DATA_VIEW", site.Path));
            Assert.Equal(2, idle.ExitCode);
            Assert.Contains($"{option}: goes with --", idle.Error, StringComparison.Ordinal);
        }
    }

    private async Task<string[]> HeldAsync()
    {
        var listed = await NodeProcess.RunAsync(_folder["state"], ["review", "list", "--json"]);
        Assert.True(listed.ExitCode == 0, listed.Error);
        return [.. JsonNode.Parse(listed.Output)!.AsArray().Select(held => (string)held!["job_id"]!)];
    }

    public void Dispose() => _folder.Dispose();

    private static RandomSite Site(ulong seed)
    {
        var site = new RandomSite(60, seed);
        Directory.CreateDirectory(Path.Combine(site.Path, "masks"));
        foreach (var (name, first) in new[] { ("small", 40), ("other", 80) })
        {
            var mask = new float[125];
            mask.AsSpan(first, 4).Fill(1);
            using var file = File.Create(Path.Combine(site.Path, "masks", $"{name}.nii.gz"));
            NiftiWriter.Write(file, new NiftiVolume(RandomSite.Grid, 1, mask), compress: true);
        }

        return site;
    }

    private Task<HostedNode> ServeAsync(RandomSite site, params (string, string)[] settings) =>
        HostedNode.ServeAsync(_folder.MakePrivate("state"), [("DATA_VIEW", site.Path), ("Lazaret__Disclosure__TickMilliseconds", "0"), ("Lazaret__Disclosure__Review__BlocksInARow", "0"), .. settings]);

    private static async Task<JsonNode> AskAsync(HostedNode node, params (string, string?)[] fields)
    {
        using var form = TinySite.Form(null, [("task", "cross_validate_v1"), ("outcome", "change"), .. fields]);
        return await node.AskAsync(form);
    }

    private static async Task<string[]> RefuseAsync(HostedNode node, byte[]? map, params (string, string?)[] fields)
    {
        using var form = TinySite.Form(map, [("outcome", "change"), .. fields]);
        using var response = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        return [.. JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!["errors"]!.AsArray().Select(fault => (string)fault!["field"]!).Distinct().Order(StringComparer.Ordinal)];
    }
}
