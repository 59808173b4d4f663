using Lazaret.Node.Audit;
using Lazaret.Node.Keys;
using Lazaret.Node.Sandboxes;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Jobs;

/// <summary>What a worker has to say when a run is over, and what that does to the job. The set is closed.</summary>
public abstract record RunReport
{
    /// <summary>What the program printed, for the operator alone.</summary>
    public string Log { get; init; } = "";

    /// <summary>When its requester may see it; null for at once.</summary>
    public DateTimeOffset? PublishAt { get; init; }

    /// <summary>How long the sandbox ran.</summary>
    public TimeSpan Wall { get; init; }

    /// <summary>What it took; null where that was not counted, or no sandbox came to its end.</summary>
    public SandboxUsage? Usage { get; init; }

    /// <summary>Disclosure control let the result go.</summary>
    public sealed record Released(byte[] Result, AuditDetail Detail) : RunReport;

    /// <summary>
    /// There is a result, and what becomes of it depends on what was released before: that is read, and the decision written, in one transaction.
    /// No two of these are decided at the same time.
    /// </summary>
    /// <param name="DecideAsync">Gives one of the other reports, and writes through the same context what it rests on.</param>
    internal sealed record Undecided(Func<LazaretDb, CancellationToken, Task<RunReport>> DecideAsync) : RunReport;

    /// <summary>There is a result, and a steward decides whether it leaves.</summary>
    public sealed record Held(byte[] Result, AuditDetail Detail) : RunReport;

    /// <summary>Disclosure control withheld it.</summary>
    public sealed record Blocked(AuditDetail Detail) : RunReport;

    /// <summary>The visiting program did not deliver; trying again would not help.</summary>
    /// <param name="Ending">How the run ended.</param>
    /// <param name="Error">In words for the requester.</param>
    public sealed record Failed(RunEnd Ending, string Error) : RunReport
    {
        /// <summary>For the audit, where the requester is told less.</summary>
        public string? Why { get; init; }
    }

    /// <summary>The host failed the program; another attempt may succeed.</summary>
    public sealed record HostFault(string Error) : RunReport;

    /// <summary>This machine lacks what the run needs: another one may have it, and the attempt does not count.</summary>
    public sealed record GivenBack : RunReport;

    /// <summary>The node is stopping.</summary>
    public sealed record Stopped : RunReport;

    /// <summary>Writes this report: the job's state, the run's end, result, log and audit entry, all in the caller's transaction.</summary>
    internal void Apply(LazaretDb db, Job job, Run run, RecordSeal seal, JobOptions options, DateTimeOffset now)
    {
        var detail = new AuditDetail { ["run"] = run.Id, ["attempt"] = run.Attempt, ["wall_ms"] = (long)Wall.TotalMilliseconds };
        if (Usage is { } usage)
            detail.Add(new AuditDetail { ["cpu_ms"] = (long)usage.Cpu.TotalMilliseconds, ["peak_memory"] = usage.PeakMemory, ["out_of_memory"] = usage.OutOfMemory });
        var (action, ending) = (AuditAction.RunFailed, RunEnd.HostFault);
        switch (this)
        {
            case Released released:
                job.Complete(now);
                db.Payloads.Add(Payload.Of(job.Id, PayloadName.Result, released.Result, seal));
                (action, ending) = (AuditAction.ResultReleased, RunEnd.Released);
                detail.Add(released.Detail);
                break;
            case Held held:
                job.Hold(now);
                db.Payloads.Add(Payload.Of(job.Id, PayloadName.Result, held.Result, seal));
                (action, ending) = (AuditAction.ResultHeld, RunEnd.Held);
                detail.Add(held.Detail);
                break;
            case Blocked blocked:
                job.Block(now);
                (action, ending) = (AuditAction.ResultBlocked, RunEnd.Blocked);
                detail.Add(blocked.Detail);
                break;
            case Failed failed:
                job.Fail(failed.Error, now);
                ending = failed.Ending;
                if (failed.Why is { } why)
                    detail["why"] = why;
                break;
            case HostFault fault:
                job.Retry(fault.Error, options.MaxAttempts, options.PauseOf(job), now);
                break;
            case GivenBack:
                job.GiveBack(TimeSpan.FromSeconds(options.RetrySeconds), now);
                ending = RunEnd.GivenBack;
                break;
            case Stopped:
                job.Requeue(now);
                ending = RunEnd.Stopped;
                break;
            default:
                throw new InvalidOperationException($"unknown report {GetType().Name}");
        }

        if (PublishAt is { } instant)
            job.PublishAt(instant);
        run.Use(Wall, Usage);
        run.End(ending, now);
        if (Log.Length > 0)
            db.Payloads.Add(Payload.Of(job.Id, PayloadName.Log, System.Text.Encoding.UTF8.GetBytes(Log), seal, run.Attempt));
        detail["ending"] = ending;
        db.Audit.Add(AuditEntry.Of(action, now, job, detail));
    }
}
