using Lazaret.Cohort.Statistics.Permutations;

namespace Lazaret.Tests.Cohort.Statistics.Permutations;

public sealed class ShufflesTests
{
    private static readonly byte[] Seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void Few_orders_are_all_taken_each_once_and_the_rows_own_first()
    {
        var shuffles = Shuffles.Of(4, [], Seed, draws: 1000);
        var orders = Texts(shuffles);
        Assert.True(shuffles.AreAll);
        Assert.Equal((24, 24, 24, "0 1 2 3"), (shuffles.Count, orders.Count, orders.Distinct().Count(), orders[0]));

        var blocks = Shuffles.Of(5, ["b", "a", "b", "a", "b"], Seed, draws: 1000);
        orders = Texts(blocks);
        Assert.Equal((12, 12), (blocks.Count, orders.Distinct().Count()));
        Assert.All(blocks.Orders().Select(order => (order[1], order[3])), pair => Assert.Contains(pair, new[] { (1, 3), (3, 1) }));
    }

    [Theory]
    [InlineData(8, true, 40_320)]
    [InlineData(9, false, 1000)]
    [InlineData(100, false, 1000)]
    public void Fifty_thousand_orders_are_few(int rows, bool areAll, int count)
    {
        var shuffles = Shuffles.Of(rows, [], Seed, draws: 1000);
        Assert.Equal((areAll, count), (shuffles.AreAll, shuffles.Count));
        Assert.Equal(count, shuffles.Orders().Count());
    }

    [Fact]
    public void A_seed_always_gives_the_same_orders()
    {
        // As hashlib.sha256 and four lines of Python draw them.
        Assert.Equal(["2 8 4 7 3 1 6 5 0", "5 1 6 7 8 0 4 2 3", "5 0 7 4 2 3 8 6 1"], Texts(Shuffles.Of(9, [], Seed, draws: 3)));
        Assert.NotEqual(Texts(Shuffles.Of(9, [], Seed, draws: 3)), Texts(Shuffles.Of(9, [], [1], draws: 3)));
    }

    [Fact]
    public void Drawn_orders_stay_within_blocks_and_each_is_as_likely_as_the_others()
    {
        string[] blocks = ["x", "y", "x", "y", "x", "y", "y"];
        var counts = new Dictionary<string, int>();
        foreach (var order in Shuffles.Of(7, blocks, Seed, draws: 14_400, allIfFew: false).Orders())
        {
            Assert.All(order.Index(), place => Assert.Equal(blocks[place.Index], blocks[place.Item]));
            var text = string.Join(' ', order);
            counts[text] = counts.GetValueOrDefault(text) + 1;
        }

        // 3!·4! = 144 orders, a hundred times each: χ² with 143 degrees of freedom is below 200 in 99.9 of 100 cases.
        Assert.Equal(144, counts.Count);
        Assert.InRange(counts.Values.Sum(count => (count - 100.0) * (count - 100.0) / 100), 95, 200);
    }

    private static List<string> Texts(Shuffles shuffles) => [.. shuffles.Orders().Select(order => string.Join(' ', order))];
}
