using Lazaret.Node.Delivery.Sending;

namespace Lazaret.Tests.Delivery;

public sealed class RetryScheduleTests
{
    [Fact]
    public void Each_pause_is_the_recommended_one_a_fifth_more_or_less()
    {
        for (var retry = 0; retry < RetrySchedule.Pauses.Count; retry++)
        {
            var pauses = Enumerable.Range(0, 200).Select(_ => RetrySchedule.Next(retry, null)!.Value / RetrySchedule.Pauses[retry]).ToList();
            Assert.InRange(pauses.Min(), 0.8, 0.95);
            Assert.InRange(pauses.Max(), 1.05, 1.2);
        }
    }

    [Fact]
    public void Retries_go_on_for_three_days_and_then_end()
    {
        Assert.InRange(RetrySchedule.Pauses.Aggregate((sum, pause) => sum + pause), TimeSpan.FromDays(3), TimeSpan.FromDays(3.5));
        Assert.Null(RetrySchedule.Next(RetrySchedule.Pauses.Count, null));
        Assert.Null(RetrySchedule.Next(RetrySchedule.Pauses.Count, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void A_receiver_that_asks_for_longer_gets_it_up_to_a_day()
    {
        Assert.Equal(TimeSpan.FromMinutes(20), RetrySchedule.Next(0, TimeSpan.FromMinutes(20)));
        Assert.Equal(TimeSpan.FromHours(24), RetrySchedule.Next(0, TimeSpan.FromDays(365)));
        Assert.InRange(RetrySchedule.Next(0, TimeSpan.FromSeconds(1))!.Value, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6));
        Assert.InRange(RetrySchedule.Next(0, TimeSpan.FromDays(-1))!.Value, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6));
    }
}
