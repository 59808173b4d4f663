using Lazaret.Node;
using Lazaret.Node.Releases;

namespace Lazaret.Tests.Releases;

/// <summary>When an answer is shown.</summary>
public sealed class TickTests
{
    [Theory]
    [InlineData(1000, 0, null, 1000)]
    [InlineData(1000, 999, null, 1000)]
    [InlineData(1000, 300, 250, 1000)]
    [InlineData(1000, 300, 2400, 3000)]
    [InlineData(1000, 300, 3000, 4000)]
    [InlineData(0, 300, 2400, null)]
    public async Task Is_on_the_tick_after_the_decision_and_not_before_its_time_is_over(int tick, int decided, int? notBefore, int? shown)
    {
        await using var node = await TestNode.StartAsync(new NodeOptions { Disclosure = new DisclosureOptions { TickMilliseconds = tick } });
        var second = DateTimeOffset.UnixEpoch.AddDays(20_000);
        Assert.Equal(After(shown), node.Get<ReleaseDecision>().TickAfter(second.AddMilliseconds(decided), After(notBefore)));

        DateTimeOffset? After(int? milliseconds) => milliseconds is { } some ? second.AddMilliseconds(some) : null;
    }
}
