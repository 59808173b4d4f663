using Lazaret.Node.Jobs.Dispatch;

namespace Lazaret.Tests.Jobs.Dispatch;

public sealed class JobSignalTests
{
    private readonly Guid _job = Guid.NewGuid();

    [Fact]
    public void A_cancellation_that_comes_as_the_run_ends_troubles_nobody()
    {
        using var signal = new JobSignal();
        var run = new CancellationTokenSource();
        using var watching = signal.Watch(_job, run);
        run.Dispose();
        signal.Hear(new JobNews.Cancelled(_job));
    }

    [Fact]
    public void A_run_that_ends_late_leaves_its_successor_watched()
    {
        using var signal = new JobSignal();
        using var lapsed = new CancellationTokenSource();
        using var next = new CancellationTokenSource();
        var late = signal.Watch(_job, lapsed);
        using var watching = signal.Watch(_job, next);
        late.Dispose();
        signal.Hear(new JobNews.Cancelled(_job));
        Assert.True(next.IsCancellationRequested);
        Assert.False(lapsed.IsCancellationRequested);
    }
}
