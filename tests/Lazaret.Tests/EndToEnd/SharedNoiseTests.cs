using System.Text.Json.Nodes;
using Lazaret.Cohort.Tables;
using Lazaret.Tests.Disclosure;

namespace Lazaret.Tests.EndToEnd;

/// <summary>Noise that two answers share would vanish in their difference.</summary>
public sealed class SharedNoiseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_maps_that_round_to_one_code_have_noise_of_their_own_and_one_map_has_the_same_under_every_null()
    {
        using var site = RandomSite.WithEmptyVoxel(120, seed: 31);
        await using var guarded = await ServeAsync(site, "guarded", ("Lazaret__Disclosure__Profile", "guarded"));
        await using var open = await ServeAsync(site, "open", [.. OpenPolicy.Environment]);
        var alike = 0;
        for (var pair = 0; pair < 3; pair++)
        {
            var (a, b) = (Hidden(site), Hidden(site));
            var (first, second) = (await ROfAsync(guarded, a), await ROfAsync(guarded, b, "permutation"));
            alike += Math.Abs(first - await ROfAsync(open, a) - (second - await ROfAsync(open, b))) < 0.003m ? 1 : 0;
            Assert.Equal(first, await ROfAsync(guarded, a, "permutation"));
        }

        // By chance, one pair in fifteen.
        Assert.True(alike < 3, "the noise cancels");
    }

    [Fact]
    public async Task A_map_of_another_s_code_gets_its_own_answer()
    {
        using var site = RandomSite.WithEmptyVoxel(120, seed: 32);
        await using var node = await ServeAsync(site, "exact", ("Lazaret__Disclosure__Profile", "exact"));
        await using var open = await ServeAsync(site, "open", [.. OpenPolicy.Environment]);
        var (a, b) = (Hidden(site), Hidden(site));
        foreach (var map in new[] { a, b, a, b })
            Assert.Equal((double)await ROfAsync(open, map), (double)await ROfAsync(node, map), 0.15);
        Assert.NotEqual(await ROfAsync(node, a), await ROfAsync(node, b));
        Assert.Equal(await ROfAsync(node, a), await ROfAsync(node, a));
    }

    [Fact]
    public async Task The_name_of_the_data_is_no_digest_of_the_tables()
    {
        using var site = new RandomSite(60, seed: 33);
        await using var node = await ServeAsync(site, "first", ("Lazaret__Disclosure__Profile", "exact"));
        await using var other = await ServeAsync(site, "second", ("Lazaret__Disclosure__Profile", "exact"));
        var map = site.NextMap();
        var (here, there) = ((string)(await AskAsync(node, map))["data_version"]!, (string)(await AskAsync(other, map))["data_version"]!);
        // Whoever knows the tables but for a value could otherwise try them all.
        Assert.NotEqual(DataView.Open(site.Path).Version(), here);
        Assert.NotEqual(here, there);
        Assert.Equal(here, (string?)(await AskAsync(node, site.NextMap()))["data_version"]);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A map whose one large voxel hides all others: they round to 0.</summary>
    private static byte[] Hidden(RandomSite site)
    {
        var values = Array.ConvertAll(site.Noise(), value => Math.Clamp(value, -2, 2) * 0.0004f);
        values[RandomSite.EmptyVoxel] = 1;
        return RandomSite.Write(values);
    }

    private Task<HostedNode> ServeAsync(RandomSite site, string name, params (string, string)[] more) => HostedNode.ServeAsync(
        _folder.MakePrivate(name), [("DATA_VIEW", site.Path), ("Lazaret__Disclosure__TickMilliseconds", "0"), ("Lazaret__Disclosure__QueriesPerWeek", "0"), .. more]);

    private static async Task<decimal> ROfAsync(HostedNode node, byte[] map, string? against = null)
    {
        var answer = await AskAsync(node, map, against);
        Assert.True((string?)answer["status"] == "done", answer.ToJsonString());
        return (decimal)answer["R"]!;
    }

    private static async Task<JsonNode> AskAsync(HostedNode node, byte[] map, string? against = null)
    {
        using var form = TinySite.Form(map, ("outcome", "change"), ("null", against));
        return await node.AskAsync(form);
    }
}
