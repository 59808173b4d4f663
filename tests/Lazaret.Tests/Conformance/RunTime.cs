using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.Conformance;

/// <summary>A clock that the test moves, and that says when a run has begun to be timed: when a timer of that length or longer is made.</summary>
internal sealed class RunTime(TimeSpan longest) : FakeTimeProvider(TimeProvider.System.GetUtcNow())
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TimeSpan Longest => longest;

    public Task Started => _started.Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime >= longest)
            _started.TrySetResult();
        return timer;
    }
}
