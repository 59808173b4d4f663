using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lazaret.Tests.Disclosure;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Nulls over HTTP, and what a requester must not be able to do with them.</summary>
public sealed class NullTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task P_is_by_the_node_s_own_permutations_and_R_is_the_same_with_and_without_them()
    {
        using var site = new RandomSite(60, seed: 21);
        await using var node = await ServeAsync(site, ("Lazaret__Disclosure__Profile", "guarded"), ("Lazaret__Disclosure__Permutations", "2000"));
        var map = site.NextMap();
        var plain = await AskAsync(node, map);
        var permuted = await AskAsync(node, map, ("null", "permutation"));
        Assert.Equal("done", (string?)permuted["status"]);
        // Asked twice, R would be averaged if its noise were drawn anew.
        Assert.Equal(plain["R"]!.ToJsonString(), permuted["R"]!.ToJsonString());
        Assert.Equal((double)plain["p"]!, (double)permuted["p"]!, 0.05);
        Assert.Equal((2000, "permutation"), ((int)permuted["B"]!, (string)permuted["query"]!["null"]!));
        Assert.Matches("^[0-9a-f]{64}$", (string)permuted["seed_sha256"]!);
        Assert.Null(plain["B"]);

        // The same question again is the same draws; within blocks it is another one, and so is a p of one side.
        Assert.Equal(Told(permuted), Told(await AskAsync(node, map, ("null", "permutation"))));
        var within = await AskAsync(node, map, ("null", "permutation"), ("within", "sex"));
        Assert.Equal("sex", (string?)within["query"]!["within"]);
        Assert.NotEqual((string?)permuted["seed_sha256"], (string?)within["seed_sha256"]);
        var greater = await AskAsync(node, map, ("null", "permutation"), ("alternative", "greater"));
        Assert.Equal((string?)permuted["seed_sha256"], (string?)greater["seed_sha256"]);
        Assert.Equal((double)plain["R"]! > 0 ? (double)permuted["p"]! / 2 : 1 - (double)permuted["p"]! / 2, (double)greater["p"]!, 0.05);
        var receipt = (await node.Client.GetFromJsonAsync<JsonNode>((string)permuted["receipt"]!, Stop))!;
        Assert.Contains((string)permuted["seed_sha256"]!, receipt.ToJsonString(), StringComparison.Ordinal);

        static string Told(JsonNode answer) => string.Join('\n', new[] { "n", "R", "p", "B", "seed_sha256", "query" }.Select(member => answer[member]!.ToJsonString()));
    }

    [Fact]
    public async Task A_batch_has_q_and_with_a_null_the_p_of_the_furthest_map_too()
    {
        using var site = new RandomSite(60, seed: 22);
        await using var node = await ServeAsync(site);
        var maps = RandomSite.Write(site.Noise(3), maps: 3);
        var plain = (await AskAsync(node, maps))["results"]!.AsArray();
        Assert.All(plain, result => Assert.Null(result!["p_fwe"]));
        Assert.Equal(plain.Max(result => (decimal)result!["p"]!), plain.Max(result => (decimal)result!["q"]!));
        Assert.All(plain, result => Assert.True((decimal)result!["q"]! >= (decimal)result["p"]!));

        var permuted = (await AskAsync(node, maps, ("null", "permutation")))["results"]!.AsArray();
        Assert.All(permuted, result => Assert.True((decimal)result!["p_fwe"]! >= (decimal)result["p"]! && result["q"] is not null));
        Assert.Single(permuted.Select(result => (string?)result!["seed_sha256"]).Distinct());
        Assert.Equal(plain.Select(result => (decimal)result!["R"]!), permuted.Select(result => (decimal)result!["R"]!));
    }

    [Fact]
    public async Task A_seed_from_outside_and_blocks_without_a_null_are_refused_and_small_blocks_are_blocked()
    {
        using var site = new RandomSite(60, seed: 23);
        await using var node = await ServeAsync(site);
        var catalog = (await node.Client.GetFromJsonAsync<JsonNode>("/catalog/variables", Stop))!;
        Assert.Contains("permutation", catalog["nulls"]!.AsArray().Select(name => (string?)name));
        Assert.Equal(1000, (int)catalog["permutations"]!);
        Assert.Contains("own", await RefuseAsync(node, site.NextMap(), ("null", "permutation"), ("seed", "7")), StringComparison.Ordinal);
        Assert.Contains("unknown within", await RefuseAsync(node, site.NextMap(), ("null", "permutation"), ("within", "shoe")), StringComparison.Ordinal);
        Assert.Contains("goes with null=permutation", await RefuseAsync(node, site.NextMap(), ("within", "sex")), StringComparison.Ordinal);
        Assert.Contains("unknown null", await RefuseAsync(node, site.NextMap(), ("null", "spin")), StringComparison.Ordinal);

        // Of the 60, 5 are in ward c.
        var blocked = await AskAsync(node, site.NextMap(), ("null", "permutation"), ("within", "ward"));
        blocked["ref"] = "";
        Assert.Equal("""{"status":"blocked","code":"DISCLOSURE_CONTROL","ref":""}""", blocked.ToJsonString());
    }

    [Fact]
    public async Task Asking_again_with_other_blocks_or_sides_is_paid_each_time()
    {
        using var site = new RandomSite(60, seed: 24);
        await using var node = await ServeAsync(site, ("Lazaret__Disclosure__QueriesPerWeek", "3"));
        var map = site.NextMap();
        foreach (var alternative in new[] { "two-sided", "greater", "less" })
            Assert.Equal("done", (string?)(await AskAsync(node, map, ("null", "permutation"), ("alternative", alternative)))["status"]);
        using var form = TinySite.Form(map, ("outcome", "change"), ("null", "permutation"), ("within", "sex"));
        using var response = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
    }

    [Fact]
    public async Task The_cohort_s_mean_map_competes_with_the_map_and_is_paid_for()
    {
        using var site = new RandomSite(60, seed: 26);
        await using var node = await ServeAsync(site);
        var map = site.NextMap();
        var plain = await AskAsync(node, map);
        var beside = await AskAsync(node, map, ("null", "degree"), ("alternative", "greater"));
        Assert.Equal(plain["R"]!.ToJsonString(), beside["R"]!.ToJsonString());
        var (r, p) = ((double)beside["R_degree"]!, (double)beside["p_degree"]!);
        Assert.InRange(Math.Abs(r), 0, 1);
        Assert.Equal(r > 0, p < 0.5);
        Assert.Equal("degree", (string?)beside["query"]!["null"]);
        Assert.Contains("no partial correlation", await RefuseAsync(node, map, ("null", "degree"), ("stat", "kendall")), StringComparison.Ordinal);
        // The steward's own is not winsorised.
        // A map that is the same everywhere has no other one as smooth as it.
        var even = RandomSite.Write([.. Enumerable.Repeat(1f, 125)]);
        Assert.Contains("\"field\":\"null\"", await RefuseAsync(node, even, ("null", "spatial")), StringComparison.Ordinal);
        var uneasy = await HostedNode.RunAsync(_folder["state"], ["cohort", "run", "--map", WriteMap(even), "--outcome", "change", "--null", "spatial"], ("DATA_VIEW", site.Path));
        Assert.Equal((2, ""), (uneasy.ExitCode, uneasy.Output));
        Assert.Contains("every surrogate would be the map itself", uneasy.Error, StringComparison.Ordinal);
        var steward = await HostedNode.RunAsync(_folder["state"], ["cohort", "run", "--map", WriteMap(map), "--outcome", "change", "--null", "degree"], ("DATA_VIEW", site.Path));
        Assert.True(steward.ExitCode == 0, steward.Error);
        Assert.Equal(r, (double)JsonNode.Parse(steward.Output)!["R_degree"]!, 0.01);
    }

    [Fact]
    public async Task Maps_as_smooth_as_the_map_are_answered_where_they_tell_few_directions_and_wait_for_a_steward_elsewhere()
    {
        using var site = new RandomSite(60, seed: 27);
        await using (var noisy = await ServeAsync(site, ("Lazaret__Disclosure__Surrogates", "99")))
            Assert.Equal("held", (string?)(await AskAsync(noisy, site.NextMap(), ("null", "spatial")))["status"]);

        // Volumes that are mixtures of three.
        float[][] parts = [site.Noise(), site.Noise(), site.Noise()];
        var random = new Random(27);
        foreach (var file in Directory.EnumerateFiles(site.Path, "*.nii.gz"))
        {
            double[] shares = [random.NextDouble(), random.NextDouble(), random.NextDouble()];
            File.WriteAllBytes(file, RandomSite.Write([.. Enumerable.Range(0, 125).Select(voxel => (float)parts.Zip(shares, (part, share) => part[voxel] * share).Sum())]));
        }

        await using var node = await ServeAsync(site, ("Lazaret__Disclosure__Surrogates", "199"));
        var map = site.NextMap();
        var plain = await AskAsync(node, map);
        var answer = await AskAsync(node, map, ("null", "spatial"));
        Assert.Equal(("done", 199, "spatial"), ((string)answer["status"]!, (int)answer["B"]!, (string)answer["query"]!["null"]!));
        Assert.Equal(plain["R"]!.ToJsonString(), answer["R"]!.ToJsonString());
        Assert.Matches("^[0-9a-f]{64}$", (string)answer["seed_sha256"]!);
        Assert.Contains("one map at a time", await RefuseAsync(node, RandomSite.Write(site.Noise(2), maps: 2), ("null", "spatial")), StringComparison.Ordinal);
        var steward = await HostedNode.RunAsync(
            _folder["state"], ["cohort", "run", "--map", WriteMap(map), "--outcome", "change", "--null", "spatial", "--permutations", "199"], ("DATA_VIEW", site.Path));
        Assert.True(steward.ExitCode == 0, steward.Error);
        Assert.Equal((double)answer["p"]!, (double)JsonNode.Parse(steward.Output)!["p"]!, 0.2);
    }

    [Fact]
    public async Task Differential_privacy_has_a_p_of_its_own_null()
    {
        using var site = new RandomSite(60, seed: 25);
        await using var node = await ServeAsync(site, ("Lazaret__Disclosure__Profile", "dp"));
        Assert.Empty((await node.Client.GetFromJsonAsync<JsonNode>("/catalog/variables", Stop))!["nulls"]!.AsArray());
        Assert.Contains("differential privacy", await RefuseAsync(node, site.NextMap(), ("null", "permutation")), StringComparison.Ordinal);
    }

    private string WriteMap(byte[] map)
    {
        File.WriteAllBytes(_folder["asked.nii.gz"], map);
        return _folder["asked.nii.gz"];
    }

    public void Dispose() => _folder.Dispose();

    private Task<HostedNode> ServeAsync(RandomSite site, params (string, string)[] settings) =>
        HostedNode.ServeAsync(_folder.MakePrivate("state"), [("DATA_VIEW", site.Path), ("Lazaret__Disclosure__TickMilliseconds", "0"), .. settings]);

    private static async Task<JsonNode> AskAsync(HostedNode node, byte[] map, params (string, string?)[] fields)
    {
        using var form = TinySite.Form(map, [("outcome", "change"), .. fields]);
        return await node.AskAsync(form);
    }

    private static async Task<string> RefuseAsync(HostedNode node, byte[] map, params (string, string?)[] fields)
    {
        using var form = TinySite.Form(map, [("outcome", "change"), .. fields]);
        using var response = await node.Client.PostAsync(new Uri("/jobs", UriKind.Relative), form, Stop);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Stop);
    }
}
