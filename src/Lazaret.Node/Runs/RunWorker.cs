using System.Collections.Frozen;
using System.Diagnostics;
using Lazaret.Node.Jobs;
using Lazaret.Node.Jobs.Dispatch;
using Lazaret.Node.Keys;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Runs;

/// <summary>Claims jobs from the queue and runs each in the sandbox. Each run takes a slot: there are as many as may run at once.</summary>
public sealed partial class RunWorker(
    JobQueue queue,
    IJobDispatch dispatch,
    JobSignal signal,
    WorkerMeans means,
    KeyGuard keys,
    SandboxBackends backends,
    IEnumerable<IJobProcedure> procedures,
    RunOptions options,
    JobOptions jobs,
    JobMetrics metrics,
    TimeProvider time,
    ILogger<RunWorker> logger) : BackgroundService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(250);

    private readonly Outage _claiming = new(logger, "No job can be claimed");
    private readonly Outage _beating = new(logger, "Heartbeats are missed");
    private readonly Outage _concluding = new(logger, "How runs ended cannot be written yet");

    private readonly FrozenDictionary<JobKind, IJobProcedure> _procedures = procedures.ToFrozenDictionary(procedure => procedure.Kind);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sandbox = await backends.ChooseAsync(stoppingToken);
        LogStarted(sandbox.Name, options.Slots);
        if (!sandbox.Isolates)
            LogNoIsolation();
        using var slots = new SemaphoreSlim(options.Slots);
        using var drained = new CancellationTokenSource();
        var running = new HashSet<Task>();
        try
        {
            while (true)
            {
                await slots.WaitAsync(stoppingToken);
                running.RemoveWhere(task => task.IsCompleted);
                if (await ClaimAsync(sandbox, stoppingToken) is { } claimed)
                {
                    running.Add(RunAndFreeAsync(claimed, sandbox, slots, drained.Token));
                    continue;
                }

                slots.Release();
                await signal.WaitAsync(TimeSpan.FromMilliseconds(jobs.PollMilliseconds), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogDraining(running.Count(task => !task.IsCompleted), options.DrainSeconds);
            drained.CancelAfter(options.Drain);
            await Task.WhenAll(running);
        }
    }

    private async Task<ClaimedJob?> ClaimAsync(ISandbox sandbox, CancellationToken stoppingToken)
    {
        try
        {
            // Without the key ring the worker could neither open the input nor seal the result.
            var claimed = await keys.FaultAsync(stoppingToken) is null
                ? await dispatch.ClaimAsync(sandbox.Name, await means.UnrunnableAsync(stoppingToken), stoppingToken)
                : null;
            _claiming.Passed();
            return claimed;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The database is down or full. The jobs are safe in it, and the worker tries again after a pause.
            _claiming.Failed(e);
            return null;
        }
    }

    private async Task RunAndFreeAsync(ClaimedJob claimed, ISandbox sandbox, SemaphoreSlim slots, CancellationToken drained)
    {
        try
        {
            await RunAsync(claimed, sandbox, drained);
        }
        catch (Exception e)
        {
            // Not even the failure could be written. The lease will lapse, and then a worker makes another attempt.
            LogUnreported(claimed.Job.Id, claimed.Run.Id, Outage.CauseOf(e));
        }
        finally
        {
            slots.Release();
        }

        // After the slot is free. If this fails, another worker later finds the entry stale, and deletes it.
        try
        {
            await dispatch.SettleAsync(claimed);
        }
        catch (Exception e)
        {
            LogUnsettled(claimed.Job.Id, Outage.CauseOf(e));
        }
    }

    /// <summary>
    /// One run of one job.
    /// <list type="number">
    /// <item>Keep the lease by heartbeat; losing it (a cancellation, a long silence) stops the run.</item>
    /// <item>Read the input, and prepare the run.</item>
    /// <item>Run the program.</item>
    /// <item>Read its output, and let disclosure control decide.</item>
    /// <item>Write the outcome, if the job is still ours.</item>
    /// </list>
    /// </summary>
    private async Task RunAsync(ClaimedJob claimed, ISandbox sandbox, CancellationToken drained)
    {
        using var scope = logger.BeginScope(new LogScope(Job: claimed.Job.Id, Run: claimed.Run.Id));
        using var activity = NodeActivities.Source.StartActivity("run");
        activity?.SetTag("lazaret.job.id", claimed.Job.Id).SetTag("lazaret.job.kind", claimed.Job.Kind).SetTag("lazaret.sandbox", sandbox.Name);

        // 1. Keep the lease.
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(drained);
        using var watching = signal.Watch(claimed.Job.Id, lost);
        using var over = new CancellationTokenSource();
        var heartbeat = KeepLeaseAsync(claimed, lost, over.Token);

        RunReport report;
        try
        {
            report = await RunAsync(claimed, _procedures[claimed.Job.Kind], sandbox, lost.Token);
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            report = new RunReport.Stopped();
        }
        catch (Exception e)
        {
            // Where a server or a disk is away, the cause says all.
            if (Outage.IsAway(e))
                LogHostAway(claimed.Job.Id, claimed.Run.Id, Outage.CauseOf(e));
            else
                LogHostFault(e, claimed.Job.Id, claimed.Run.Id);
            report = new RunReport.HostFault("the node could not run the program");
        }

        await over.CancelAsync();
        await heartbeat;

        // 5. Write the outcome, if the job is still ours. Also while stopping: the job must go back to the queue.
        var written = await ConcludeAsync(claimed, report);
        var outcomeName = written?.GetType().Name ?? "Discarded";
        metrics.RunEnded(claimed.Job.Kind, sandbox.Name, outcomeName, report.Wall);
        activity?.SetTag("lazaret.run.outcome", outcomeName);
        activity?.SetStatus(report is RunReport.HostFault ? ActivityStatusCode.Error : ActivityStatusCode.Ok);
        LogEnded(claimed.Job.Id, claimed.Run.Id, claimed.Run.Attempt, outcomeName, (long)report.Wall.TotalMilliseconds);
    }

    private async Task<RunReport> RunAsync(ClaimedJob claimed, IJobProcedure procedure, ISandbox sandbox, CancellationToken cancellationToken)
    {
        // 2. Read the input, and prepare the run.
        byte[] input;
        try
        {
            input = await queue.ReadInputAsync(claimed.Job.Id, cancellationToken);
        }
        catch (SealException)
        {
            // Perhaps another machine sealed the input under a key that this machine's ring does not have yet.
            keys.Forget();
            if (await keys.FaultAsync(cancellationToken) is not { } fault)
                throw;
            return GiveBack(claimed, fault);
        }

        var preparation = await procedure.PrepareAsync(claimed, input, cancellationToken);
        if (preparation is Preparation.NotHere lacking)
            return GiveBack(claimed, lacking.Why);
        if (preparation is not Preparation.Ready ready)
            return new RunReport.Failed(RunEnd.HostFault, ((Preparation.Impossible)preparation).Why);

        // 3. Run the program.
        SandboxOutcome outcome;
        try
        {
            outcome = await sandbox.RunAsync(ready.Run, cancellationToken);
            means.SandboxFault = null;
        }
        catch (SandboxException e)
        {
            means.SandboxFault = e.Message;
            throw;
        }

        // 4. Read its output, and let disclosure control decide.
        var report = outcome is SandboxOutcome.Completed completed ? ready.Conclude(completed.Output) : ready.Fail(RunFailure.Of(outcome, ready.Run.Limits));
        return report with { Log = outcome.Log, Wall = outcome.Wall, Usage = outcome.Usage };
    }

    private RunReport.GivenBack GiveBack(ClaimedJob claimed, string why)
    {
        means.Forget();
        LogGivenBack(claimed.Job.Id, claimed.Run.Id, why);
        return new RunReport.GivenBack();
    }

    // A database that restarts is back within seconds, so writing the outcome is tried again for as long as a lease lasts.
    private async Task<RunReport?> ConcludeAsync(ClaimedJob claimed, RunReport report)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                var written = await queue.ConcludeAsync(claimed, report, CancellationToken.None);
                _concluding.Passed();
                return written;
            }
            catch (Exception e) when (time.GetElapsedTime(began) < jobs.Lease)
            {
                _concluding.Failed(e);
                await Task.Delay(RetryPause, time, CancellationToken.None);
            }
        }
    }

    private async Task KeepLeaseAsync(ClaimedJob claimed, CancellationTokenSource lost, CancellationToken over)
    {
        try
        {
            while (true)
            {
                await Task.Delay(jobs.Lease / 3, time, over);
                try
                {
                    var isOurs = await queue.RenewAsync(claimed.Lease, over);
                    _beating.Passed();
                    if (isOurs)
                        continue;
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // One missed heartbeat does not lose the lease: a lease lasts for three intervals.
                    _beating.Failed(e);
                    continue;
                }

                LogLeaseLost(claimed.Job.Id, claimed.Run.Id);
                await lost.CancelAsync();
                return;
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The run is over.
        }
    }
}
