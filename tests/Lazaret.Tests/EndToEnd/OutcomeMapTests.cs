using System.Net;
using System.Text.Json.Nodes;
using Lazaret.Cohort.Nifti;
using Lazaret.Tests.Disclosure;

namespace Lazaret.Tests.EndToEnd;

/// <summary><c>outcome_map_v1</c> over HTTP.</summary>
public sealed class OutcomeMapTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_R_map_waits_for_a_steward_and_leaves_as_means_over_parcels_alone()
    {
        using var site = Site(41);
        await using var node = await ServeAsync(site);
        using (var catalog = await node.Client.GetAsync(new Uri("/catalog/variables", UriKind.Relative), Stop))
        {
            var shown = JsonNode.Parse(await catalog.Content.ReadAsStringAsync(Stop))!;
            Assert.Contains("outcome_map_v1", shown["tasks"]!.AsArray().Select(task => (string?)task));
            Assert.Equal("""{"name":"coarse","parcels":["left","right, lower","nucleus"]}""", shown["parcellations"]![0]!.ToJsonString());
        }

        Assert.Equal("held", (string?)(await AskAsync(node, "coarse"))["status"]);
        var listed = JsonNode.Parse((await HostedNode.RunAsync(_folder["state"], ["review", "list", "--json"])).Output)!.AsArray();
        Assert.Equal("outcome_map", (string?)Assert.Single(listed)!["reason"]);
        Assert.Contains("as its mean over each parcel of coarse", (string?)listed[0]!["words"], StringComparison.Ordinal);
        Assert.Equal(0, (await HostedNode.RunAsync(_folder["state"], ["review", "approve", (string)listed[0]!["job_id"]!])).ExitCode);

        var answer = await node.WaitAsync($"/jobs/{(string)listed[0]!["job_id"]!}", "held");
        Assert.Equal(("done", 60, "coarse"), ((string)answer["status"]!, (int)answer["n"]!, (string)answer["query"]!["parcellation"]!));
        Assert.Null(answer["query"]!["score"]);
        Assert.All(new[] { "R", "p", "ci95", "df", "coverage", "map_sha256", "alternative" }, member => Assert.Null(answer[member]));
        // The nucleus has four voxels: what stands in its place would be next to a voxel's R.
        var steward = await HostedNode.RunAsync(_folder["state"], ["cohort", "run", "--outcome", "change", "--parcellation", "coarse", "--exact"], ("DATA_VIEW", site.Path));
        Assert.True(steward.ExitCode == 0, steward.Error);
        var exact = JsonNode.Parse(steward.Output)!["parcels"]!.AsArray();
        Assert.Equal([1, 2, 5], exact.Select(parcel => (int)parcel!["label"]!));
        Assert.Null(exact[2]!["R"]);
        Assert.Equal(
            exact.Take(2).Select(parcel => ((int)parcel!["label"]!, (string)parcel["name"]!, Math.Round((decimal)parcel["R"]!, 2))),
            answer["parcels"]!.AsArray().Select(parcel => ((int)parcel!["label"]!, (string)parcel["name"]!, (decimal)parcel["R"]!)));
        Assert.All(answer["parcels"]!.AsArray(), parcel => Assert.Equal(["label", "name", "R"], parcel!.AsObject().Select(member => member.Key)));
        Assert.All(answer["parcels"]!.AsArray(), parcel => Assert.Matches("^-?0\\.[0-9]{2}$", parcel!["R"]!.ToJsonString()));
        Assert.Contains("pearson of connectivity and change, parcellation coarse", (string?)answer["citation"], StringComparison.Ordinal);
        using var receipt = await node.Client.GetAsync(new Uri((string)answer["receipt"]!, UriKind.Relative), Stop);
        Assert.Equal(HttpStatusCode.OK, receipt.StatusCode);
        Assert.Contains("right, lower", await receipt.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_parcels_are_charged_together_and_refused_when_the_ledger_has_no_room()
    {
        using var site = Site(42);
        await using var node = await ServeAsync(site, ("Lazaret__Disclosure__Review__OutcomeMaps", "false"), ("Lazaret__Disclosure__ParcelVoxels", "3"));
        // Forty equations for sixty unknowns.
        var refused = await AskAsync(node, "fine");
        Assert.Equal(("blocked", "DISCLOSURE_CONTROL"), ((string)refused["status"]!, (string)refused["code"]!));
        Assert.Equal(["code", "ref", "status"], refused.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        var first = await AskAsync(node, "coarse");
        Assert.Equal("done", (string?)first["status"]);
        Assert.Equal(3, first["parcels"]!.AsArray().Count);
        // Three rows, and the same answer again costs none.
        var ledger = await LedgerAsync();
        Assert.Equal(first["parcels"]!.ToJsonString(), (await AskAsync(node, "coarse"))["parcels"]!.ToJsonString());
        Assert.Equal(ledger, await LedgerAsync());
        Assert.InRange((double)JsonNode.Parse(ledger)!["bits"]!, 8, 12);
        // What it told is told: the parcels of a map are also what scores add up to.
        Assert.Equal("done", (string?)(await AskAsync(node, "coarse", ("stat", "spearman")))["status"]);
        Assert.NotEqual(ledger, await LedgerAsync());

        async Task<string> LedgerAsync()
        {
            using var budget = await node.Client.GetAsync(new Uri("/v1/budget", UriKind.Relative), Stop);
            return Assert.Single(JsonNode.Parse(await budget.Content.ReadAsStringAsync(Stop))!["ledgers"]!.AsArray())!.ToJsonString();
        }
    }

    [Fact]
    public async Task Everything_that_does_not_fit_is_said_with_what_does()
    {
        using var site = Site(43);
        await using var node = await ServeAsync(site);
        var faults = await RefuseAsync(node, null, ("task", "outcome_map_v1"), ("parcellation", "AAL"));
        var unknown = Assert.Single(faults)!;
        Assert.Equal(("parcellation", "unknown parcellation 'AAL'", """["coarse","fine"]"""), ((string)unknown["field"]!, (string)unknown["message"]!, unknown["allowed"]!.ToJsonString()));
        Assert.Equal("""["coarse","fine"]""", Assert.Single(await RefuseAsync(node, null, ("task", "outcome_map_v1")))!["allowed"]!.ToJsonString());
        var everything = await RefuseAsync(
            node, site.NextMap(), ("task", "outcome_map_v1"), ("parcellation", "coarse"), ("stat", "kendall"), ("covariates", "sex"), ("null", "degree"), ("score", "dot"), ("alternative", "greater"), ("cv", "loo"));
        Assert.Equal(["alternative", "covariates", "cv", "map_file", "null", "score", "stat"], everything.Select(fault => (string)fault!["field"]!).Order(StringComparer.Ordinal));
        Assert.Equal("parcellation", (string?)Assert.Single(await RefuseAsync(node, site.NextMap(), ("parcellation", "coarse")))!["field"]);
        Assert.Equal("parcellation", (string?)Assert.Single(await RefuseAsync(node, null, ("task", "cross_validate_v1"), ("cv", "loo"), ("parcellation", "coarse"), ("alternative", "greater")))!["field"]);
        Assert.Equal("cv", (string?)Assert.Single(await RefuseAsync(node, site.NextMap(), ("cv", "loo"), ("covariates", "sex"), ("null", "degree"), ("score", "cosine")))!["field"]);

        // The steward's command says first that it is one question at a time.
        foreach (var more in (string[][])[["--parcellation", "AAL", "--cv", "loo"], ["--parcellation", "AAL", "--map", "any.nii"], []])
        {
            var torn = await HostedNode.RunAsync(_folder["state"], ["cohort", "run", "--outcome", "change", .. more], ("DATA_VIEW", site.Path));
            Assert.Equal((2, "lazaret: one of --map, --cv and --parcellation is needed"), (torn.ExitCode, torn.Error.Trim()));
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Noise, with two parcels of fifty voxels and one of four, and with forty of three.</summary>
    private static RandomSite Site(ulong seed)
    {
        var site = new RandomSite(60, seed);
        var folder = Directory.CreateDirectory(Path.Combine(site.Path, "parcellations")).FullName;
        File.WriteAllText(Path.Combine(site.Path, "site.yaml"), "parcellations: [coarse, fine]\n");
        File.WriteAllText(Path.Combine(folder, "coarse.csv"), "index,name\n1,left\n2,\"right, lower\"\n5,nucleus\n");
        File.WriteAllLines(Path.Combine(folder, "fine.csv"), Enumerable.Range(1, 40).Select(label => $"{label},p{label}").Prepend("index,name"));
        foreach (var (name, labelOf) in new (string, Func<int, float>)[] { ("coarse", voxel => voxel < 50 ? 1 : voxel < 100 ? 2 : voxel < 104 ? 5 : 0), ("fine", voxel => voxel < 120 ? 1 + voxel / 3 : 0) })
        {
            using var file = File.Create(Path.Combine(folder, $"{name}.nii.gz"));
            NiftiWriter.Write(file, new NiftiVolume(RandomSite.Grid, 1, [.. Enumerable.Range(0, 125).Select(labelOf)]), compress: true);
        }

        return site;
    }

    private Task<HostedNode> ServeAsync(RandomSite site, params (string, string)[] settings) =>
        HostedNode.ServeAsync(_folder.MakePrivate("state"), [("DATA_VIEW", site.Path), ("Lazaret__Disclosure__TickMilliseconds", "0"), ("Lazaret__Disclosure__Review__BlocksInARow", "0"), .. settings]);

    private static async Task<JsonNode> AskAsync(HostedNode node, string parcellation, params (string, string?)[] fields)
    {
        using var form = TinySite.Form(null, [("task", "outcome_map_v1"), ("outcome", "change"), ("parcellation", parcellation), .. fields]);
        return await node.AskAsync(form);
    }

    private static async Task<JsonArray> RefuseAsync(HostedNode node, byte[]? map, params (string, string?)[] fields)
    {
        using var form = TinySite.Form(map, [("outcome", "change"), .. fields]);
        return await node.RefuseAsync(form);
    }
}
