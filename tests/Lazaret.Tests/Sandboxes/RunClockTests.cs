using Lazaret.Node.Sandboxes.Confinement;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.Sandboxes;

/// <summary>Whatever comes in whatever order: one kill, and one outcome.</summary>
public sealed class RunClockTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _caller = new();
    private int _kills;

    [Fact]
    public void A_program_that_ends_in_time_is_not_killed()
    {
        using var clock = Start();
        _time.Advance(Timeout - TimeSpan.FromTicks(1));
        Assert.False(clock.IsTimedOut());
        Assert.Equal(0, _kills);
    }

    [Fact]
    public void The_deadline_kills_and_is_the_outcome()
    {
        using var clock = Start();
        _time.Advance(Timeout);
        Assert.Equal(1, _kills);
        Assert.True(clock.Stop.IsCancellationRequested);
        Assert.True(clock.IsTimedOut());
    }

    [Fact]
    public void A_caller_that_cancels_kills_and_is_the_outcome()
    {
        using var clock = Start();
        _caller.Cancel();
        Assert.Equal(1, _kills);
        Assert.True(clock.Stop.IsCancellationRequested);
        Assert.Equal(_caller.Token, Assert.Throws<OperationCanceledException>(() => clock.IsTimedOut()).CancellationToken);
    }

    [Fact]
    public void What_comes_first_is_the_outcome_and_kills_once()
    {
        using (var clock = Start())
        {
            _time.Advance(Timeout);
            _caller.Cancel();
            Assert.True(clock.IsTimedOut());
        }

        Assert.Equal(1, _kills);
        using (var cancelled = Start())
        {
            Assert.Equal(2, _kills);
            _time.Advance(Timeout);
            Assert.Throws<OperationCanceledException>(() => cancelled.IsTimedOut());
        }

        Assert.Equal(2, _kills);
    }

    /// <summary>The id of a process that has been waited for may be another's by then.</summary>
    [Fact]
    public void Nothing_is_killed_after_the_end()
    {
        using var clock = Start();
        Assert.False(clock.IsTimedOut());
        _time.Advance(Timeout);
        _caller.Cancel();
        Assert.Equal(0, _kills);
    }

    public void Dispose() => _caller.Dispose();

    private RunClock Start() => RunClock.Start(Timeout, () => _kills++, _time, _caller.Token);
}
