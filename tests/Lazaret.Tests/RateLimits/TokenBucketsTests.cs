using System.Globalization;
using Lazaret.Node.Http;
using Lazaret.Node.RateLimits;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.RateLimits;

public sealed class TokenBucketsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_burst_is_let_through_and_then_as_many_as_a_second_brings()
    {
        var buckets = new TokenBuckets(new RateLimit(PerSecond: 10, Burst: 3), _time);
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal(TimeSpan.Zero, buckets.Take("one")));
        Assert.Equal(TimeSpan.FromMilliseconds(100), buckets.Take("one"));

        // Who is refused has taken nothing.
        _time.Advance(TimeSpan.FromMilliseconds(60));
        Assert.Equal(TimeSpan.FromMilliseconds(40), buckets.Take("one"));
        _time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Equal(TimeSpan.Zero, buckets.Take("one"));
        Assert.NotEqual(TimeSpan.Zero, buckets.Take("one"));

        // A long pause fills a bucket, and no more than that.
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => buckets.Take("one") == TimeSpan.Zero));
    }

    [Fact]
    public void One_takes_nothing_from_another()
    {
        var buckets = new TokenBuckets(new RateLimit(PerSecond: 1, Burst: 1), _time);
        Assert.Equal(TimeSpan.Zero, buckets.Take("one"));
        Assert.NotEqual(TimeSpan.Zero, buckets.Take("one"));
        Assert.Equal(TimeSpan.Zero, buckets.Take("other"));
    }

    [Fact]
    public void A_million_senders_take_no_more_memory_than_the_most_that_are_kept_and_are_limited_all_the_same()
    {
        const int Most = 1000;
        var buckets = new TokenBuckets(new RateLimit(PerSecond: 1, Burst: 2), _time, Most);
        var let = Enumerable.Range(0, 1_000_000).Count(sender => buckets.Take(sender.ToString(CultureInfo.InvariantCulture)) == TimeSpan.Zero);
        Assert.Equal(Most, buckets.Count);
        // Those who are kept, and the spare buckets, twice each.
        Assert.True(let <= Most + (2 * 256), $"{let} were let through");

        // Once their buckets are full again, they make room.
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.Zero, buckets.Take("new"));
        Assert.Equal(1, buckets.Count);
    }

    [Theory]
    [InlineData(true, null, null, 50, 100)]
    [InlineData(false, null, null, null, null)]
    [InlineData(false, 7, null, 7, 14)]
    [InlineData(true, 7, 30, 7, 30)]
    [InlineData(true, 0, 30, null, null)]
    public void A_node_that_authenticates_has_limits_unless_its_operator_takes_them_off(bool authenticates, int? perSecond, int? burst, int? limit, int? atOnce)
    {
        var found = RateLimit.PerRequester(new HttpOptions { RequestsPerSecond = perSecond, RequestsPerSecondBurst = burst }, authenticates);
        Assert.Equal((limit, atOnce), (found?.PerSecond, found?.Burst));
    }
}
