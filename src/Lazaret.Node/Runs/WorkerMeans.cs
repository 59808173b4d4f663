using Lazaret.Node.Jobs;

namespace Lazaret.Node.Runs;

/// <summary>What this machine lacks to run jobs. A worker looks before it claims, and leaves what it cannot run to others.</summary>
public sealed partial class WorkerMeans(IEnumerable<IJobProcedure> procedures, TimeProvider time, ILogger<WorkerMeans> logger)
{
    // How long an answer is reused. A job whose image has gone meanwhile is claimed and given back; that does not count as a fault of the host.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private volatile Seen? _latest;

    /// <summary>Why the last run could not be started. Null when it was, or when the sandbox was tried again since and works.</summary>
    public string? SandboxFault { get; set; }

    /// <summary>What is lacking now, always looked up anew.</summary>
    public async Task<IReadOnlyList<Lack>> FindAsync(CancellationToken cancellationToken)
    {
        var lacks = new List<Lack>();
        foreach (var procedure in procedures)
            lacks.AddRange(await procedure.FindLacksAsync(cancellationToken));
        return lacks;
    }

    /// <summary>What a worker here must not claim; at most two seconds old. Changes are logged.</summary>
    public async Task<Unrunnable> UnrunnableAsync(CancellationToken cancellationToken)
    {
        if (_latest is { } latest && time.GetUtcNow() - latest.At < Fresh)
            return latest.Jobs;
        var lacks = await FindAsync(cancellationToken);
        var kinds = lacks.Where(lack => lack.Program is null).Select(lack => lack.Kind).Distinct().ToList();
        var programs = lacks.Select(lack => lack.Program).OfType<string>().ToList();
        var seen = new Seen(time.GetUtcNow(), new Unrunnable(kinds, programs), [.. lacks.Where(lack => lack.IsWanted).Select(lack => lack.Why)]);
        foreach (var why in seen.Wanted.Except(_latest?.Wanted ?? []))
            LogLack(why);
        if (seen.Wanted.Count == 0 && _latest is { Wanted.Count: > 0 })
            LogComplete();
        _latest = seen;
        return seen.Jobs;
    }

    /// <summary>Makes the next call look again, since a job that was claimed cannot be run here.</summary>
    public void Forget()
    {
        if (_latest is { } latest)
            _latest = latest with { At = DateTimeOffset.MinValue };
    }

    private sealed record Seen(DateTimeOffset At, Unrunnable Jobs, IReadOnlyList<string> Wanted);

    [LoggerMessage(LogLevel.Warning, "Jobs that need it are left to other workers: {Why}")]
    private partial void LogLack(string why);

    [LoggerMessage(LogLevel.Information, "Nothing is lacking any more: this worker runs every job")]
    private partial void LogComplete();
}
