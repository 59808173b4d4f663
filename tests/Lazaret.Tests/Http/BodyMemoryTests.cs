using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;

namespace Lazaret.Tests.Http;

public sealed class BodyMemoryTests
{
    private const int Mebibyte = 1 << 20;

    private readonly Clock _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_body_took_is_there_for_others_when_it_is_over()
    {
        var memory = new BodyMemory(new HttpOptions { BodyMemoryMiB = 8 }, _clock) { Patience = TimeSpan.Zero };
        using var second = memory.Open();
        using (var first = memory.Open())
        {
            await first.TakeAsync(4 * Mebibyte, Stop);
            await AssertNoneAsync(second, 4 * Mebibyte);
        }

        await second.TakeAsync(7 * Mebibyte, Stop);
    }

    [Fact]
    public async Task Large_bodies_leave_room_for_small_ones()
    {
        var memory = new BodyMemory(new HttpOptions { BodyMemoryMiB = 8 }, _clock) { Patience = TimeSpan.Zero };
        using var large = memory.Open();
        await large.TakeAsync(7 * Mebibyte, Stop);
        await AssertNoneAsync(large, 1);
        using var small = memory.Open();
        await small.TakeAsync(Mebibyte, Stop);
        await AssertNoneAsync(small, 1);
    }

    [Fact]
    public async Task The_body_that_has_stalled_the_longest_makes_room_and_no_other()
    {
        var memory = new BodyMemory(new HttpOptions { BodyMemoryMiB = 4 }, _clock);
        using var older = memory.Open();
        await older.TakeAsync(Mebibyte, Stop);
        _clock.Pass(TimeSpan.FromSeconds(1));
        using var newer = memory.Open();
        await newer.TakeAsync(Mebibyte, Stop);
        using var growing = memory.Open();
        await growing.TakeAsync(Mebibyte, Stop);
        _clock.Pass(TimeSpan.FromSeconds(10));
        growing.Grow(Mebibyte / 50);
        older.Grow(Mebibyte / 500);

        using var wanting = memory.Open();
        var taken = wanting.TakeAsync(Mebibyte + 1, Stop);
        Assert.True(older.Ended.IsCancellationRequested);
        Assert.False(newer.Ended.IsCancellationRequested || growing.Ended.IsCancellationRequested);
        older.Dispose();
        await taken;
        Assert.False(newer.Ended.IsCancellationRequested || growing.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task A_body_that_is_there_cannot_stall()
    {
        var memory = new BodyMemory(new HttpOptions { BodyMemoryMiB = 8 }, _clock) { Patience = TimeSpan.Zero };
        using var whole = memory.Open();
        await whole.TakeAsync(7 * Mebibyte, Stop);
        whole.Arrived();
        _clock.Pass(TimeSpan.FromHours(1));
        using var wanting = memory.Open();
        await AssertNoneAsync(wanting, 2 * Mebibyte);
        Assert.False(whole.Ended.IsCancellationRequested);
    }

    private static async Task AssertNoneAsync(BodyShare share, long bytes) =>
        Assert.Equal(BodyRefusal.NoMemory, (await Assert.ThrowsAsync<BodyRefusedException>(async () => await share.TakeAsync(bytes, Stop))).Refusal);

    // A fake clock would not do: the waiting beside it is in real time.
    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public void Pass(TimeSpan time) => _ticks += time.Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;
    }
}
