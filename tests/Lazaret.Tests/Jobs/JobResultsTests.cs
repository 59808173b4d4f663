using Lazaret.Node.Audit;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace Lazaret.Tests.Jobs;

public sealed class JobResultsTests
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task A_false_word_of_a_job_s_end_is_looked_into_once_and_the_wait_ends_in_time()
    {
        await using var node = await TestNode.StartAsync();
        var time = new RecordingTime();
        var job = Job.Admit(JobKind.Cohort, "alice", "{}", "digest", idempotencyKey: null, node.Time.GetUtcNow());
        await node.Get<JobQueue>().AdmitAsync(job, [], AuditEntry.Of(AuditAction.JobAdmitted, node.Time.GetUtcNow(), job));
        var results = new JobResults(node.Get<IDbContextFactory<LazaretDb>>(), node.Get<RecordSeal>(), node.Get<JobSignal>(), node.Get<AuditLog>(), time);

        var waiting = results.WaitAsync(job, TimeSpan.FromMilliseconds(1200), TestContext.Current.CancellationToken);
        await time.PausedAsync(1);
        node.Get<JobSignal>().Hear(new JobNews.Over(job.Id));
        await time.PausedAsync(2);
        time.Advance(Look);
        await time.PausedAsync(3);
        time.Advance(Look);
        await time.PausedAsync(4);
        time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(JobState.Queued, (await waiting.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Job.State);
        Assert.Equal([Look, Look, Look, TimeSpan.FromMilliseconds(200)], time.Pauses);
    }

    /// <summary>Remembers how long somebody meant to wait.</summary>
    private sealed class RecordingTime : FakeTimeProvider
    {
        private readonly Lock _gate = new();
        private readonly List<TimeSpan> _pauses = [];

        public IReadOnlyList<TimeSpan> Pauses
        {
            get
            {
                lock (_gate)
                    return [.. _pauses];
            }
        }

        public Task PausedAsync(int times) => Wait.UntilAsync(() => Pauses.Count >= times);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            lock (_gate)
                _pauses.Add(dueTime);
            return timer;
        }
    }
}
