using Lazaret.Node.Http;
using Lazaret.Node.Http.Bodies;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.Http;

public sealed class BodyMemoryTests
{
    private const int Mebibyte = 1 << 20;

    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_body_took_is_there_for_others_when_it_is_over()
    {
        var memory = new BodyMemory(new HttpOptions { BodyMemoryMiB = 3 }, _clock) { Patience = TimeSpan.Zero };
        using var second = memory.Open();
        using (var first = memory.Open())
        {
            await first.TakeAsync(2 * Mebibyte, Stop);
            Assert.Equal(BodyRefusal.NoMemory, (await Assert.ThrowsAsync<BodyRefusedException>(async () => await second.TakeAsync(2 * Mebibyte, Stop))).Refusal);
        }

        await second.TakeAsync(3 * Mebibyte, Stop);
    }

    [Fact]
    public async Task The_body_that_has_stalled_the_longest_makes_room_and_no_other()
    {
        var memory = new BodyMemory(new HttpOptions { BodyMemoryMiB = 3 }, _clock);
        using var older = memory.Open();
        await older.TakeAsync(Mebibyte, Stop);
        _clock.Advance(TimeSpan.FromSeconds(1));
        using var newer = memory.Open();
        await newer.TakeAsync(Mebibyte, Stop);
        using var growing = memory.Open();
        await growing.TakeAsync(Mebibyte, Stop);
        _clock.Advance(TimeSpan.FromSeconds(10));
        growing.Grow(Mebibyte / 50);
        older.Grow(Mebibyte / 500);

        using var wanting = memory.Open();
        var taken = wanting.TakeAsync(Mebibyte, Stop);
        Assert.True(older.Ended.IsCancellationRequested);
        Assert.False(newer.Ended.IsCancellationRequested || growing.Ended.IsCancellationRequested);
        older.Dispose();
        await taken;
        Assert.False(newer.Ended.IsCancellationRequested || growing.Ended.IsCancellationRequested);
    }

    [Fact]
    public async Task A_body_that_is_there_cannot_stall()
    {
        var memory = new BodyMemory(new HttpOptions { BodyMemoryMiB = 3 }, _clock) { Patience = TimeSpan.Zero };
        using var whole = memory.Open();
        await whole.TakeAsync(3 * Mebibyte, Stop);
        whole.Arrived();
        _clock.Advance(TimeSpan.FromHours(1));
        using var wanting = memory.Open();
        await Assert.ThrowsAsync<BodyRefusedException>(async () => await wanting.TakeAsync(1, Stop));
        Assert.False(whole.Ended.IsCancellationRequested);
    }
}
