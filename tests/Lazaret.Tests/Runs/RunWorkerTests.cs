using Lazaret.Node;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Admissions;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Runs;
using Lazaret.Node.Sandboxes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lazaret.Tests.Runs;

public sealed class RunWorkerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_queue_that_cannot_be_told_of_an_end_costs_no_slot()
    {
        await using var node = await TestNode.StartAsync(new NodeOptions
        {
            Sandbox = new SandboxOptions { Backend = "process" },
            Runs = new RunOptions { Concurrency = 1 },
        });
        const int Jobs = 3;
        for (var i = 0; i < Jobs; i++)
        {
            var job = Job.Admit(JobKind.Cohort, "somebody", "{}", "digest", null, node.Time.GetUtcNow());
            Assert.IsType<Admission.Accepted>(await node.Get<JobAdmission>().AdmitAsync(job, [1], [], Stop));
        }

        var dispatch = new FailingSettle(node.Get<IJobDispatch>(), Jobs);
        IJobProcedure[] procedures = [new NeverPossible()];
        var means = new WorkerMeans(procedures, node.Time, NullLogger<WorkerMeans>.Instance);
        using var worker = ActivatorUtilities.CreateInstance<RunWorker>(node.Services, dispatch, procedures, means);
        await worker.StartAsync(Stop);
        await dispatch.Told.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        await worker.StopAsync(Stop);

        await using var db = node.Open();
        Assert.Equal(Jobs, await db.Jobs.CountAsync(job => job.State == JobState.Failed, Stop));
    }

    /// <summary>A dispatch that cannot be told of ends, as when the queue's server is gone.</summary>
    private sealed class FailingSettle(IJobDispatch dispatch, int times) : IJobDispatch
    {
        private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _settled;

        /// <summary>Once it was told of so many ends.</summary>
        public Task Told => _told.Task;

        public Task<ClaimedJob?> ClaimAsync(string backend, Unrunnable except, CancellationToken cancellationToken) =>
            dispatch.ClaimAsync(backend, except, cancellationToken);

        public Task SettleAsync(ClaimedJob claimed)
        {
            if (Interlocked.Increment(ref _settled) == times)
                _told.SetResult();
            throw new TimeoutException("the queue's server does not answer");
        }
    }

    private sealed class NeverPossible : IJobProcedure
    {
        public JobKind Kind => JobKind.Cohort;

        public Task<IReadOnlyList<Lack>> FindLacksAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Lack>>([]);

        public Task<Preparation> PrepareAsync(ClaimedJob claimed, byte[] input, CancellationToken cancellationToken) =>
            Task.FromResult<Preparation>(new Preparation.Impossible("its input is nothing"));
    }
}
