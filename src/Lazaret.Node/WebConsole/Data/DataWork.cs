using Lazaret.Cohort;
using Lazaret.Cohort.Store;
using Lazaret.Node.Audit;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Releases;

namespace Lazaret.Node.WebConsole.Data;

/// <summary>Reads the volumes when somebody asks for it on the page of the data. There is one reading at a time; it continues when the page is closed.</summary>
internal sealed partial class DataWork(CohortSite site, SiteStore store, DisclosureOptions disclosure, AuditLog audit, IHostApplicationLifetime node, TimeProvider time, ILogger<DataWork> logger)
{
    private readonly Lock _beginning = new();
    private volatile DataProgress? _latest;
    private volatile DataProgress? _checked;

    /// <summary>How far the present reading is, from 1; 0 while there is none.</summary>
    public int Progress => _latest is { EndedAt: null, Done: var done } ? done + 1 : 0;

    /// <summary>The present reading, or else the last one of this process; null for none.</summary>
    public DataProgress? Latest => _latest;

    /// <summary>The last check of this process that was completed; null for none. What it found stays true when the volumes are ingested.</summary>
    public DataProgress? LastCheck => _checked;

    /// <summary>Begins a task, unless one is running already, or there are no data.</summary>
    public async Task BeginAsync(DataTask task, string actor)
    {
        if (site.Read(out _) is not { View: var view })
            return;
        DataProgress began;
        DataProgress? before;
        lock (_beginning)
        {
            if (_latest is { EndedAt: null })
                return;
            before = _latest;
            _latest = began = new DataProgress(task, actor, time.GetUtcNow(), view.Rows.Count + (task == DataTask.Check ? view.Masks.Count : 0));
        }

        try
        {
            // The entry is written even if nobody waits for the request any more; then the reading that it tells about takes place.
            await audit.WriteAsync(AuditAction.DataRead, actor, new() { ["task"] = task }, CancellationToken.None);
        }
        catch
        {
            _latest = before;
            throw;
        }

        _ = Task.Run(async () =>
        {
            try
            {
                if (task == DataTask.Check)
                    began.Report = SiteCheck.Run(view, limits: null, new Told<(int Done, int Total)>(now => began.Done = now.Done), node.ApplicationStopping, disclosure.SmallestDifference);
                else
                    began.Failed = await store.RefreshAsync(view, verify: true, node.ApplicationStopping, new Told<IngestProgress>(now => began.Done = now.Done)) is null;
            }
            catch (Exception e)
            {
                // Nobody waits for this task: an exception that is not caught here is lost. Failures of several volumes at once come as one AggregateException.
                LogFailed(e, task);
                began.Failed = true;
            }
            finally
            {
                began.EndedAt = time.GetUtcNow();
                if (began.Report is not null)
                    _checked = began;
            }
        }, CancellationToken.None);
    }

    /// <summary>Reads the tables anew.</summary>
    public async Task ReloadAsync(string actor, CancellationToken cancellationToken)
    {
        await audit.WriteAsync(AuditAction.DataRead, actor, new() { ["task"] = DataTask.Reload }, cancellationToken);
        site.Forget();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The data were not read to their end ({Task})")]
    private partial void LogFailed(Exception exception, DataTask task);

    // Progress<T> would report it later, on another thread.
    private sealed class Told<T>(Action<T> tell) : IProgress<T>
    {
        public void Report(T value) => tell(value);
    }
}

/// <summary>What a steward may start.</summary>
internal enum DataTask
{
    /// <summary>Read every volume and mask, and list what is wrong.</summary>
    Check,

    /// <summary>Read the volumes that have changed into the store.</summary>
    Ingest,

    /// <summary>Read the tables.</summary>
    Reload,
}

/// <summary>How far a task is.</summary>
internal sealed record DataProgress(DataTask Task, string By, DateTimeOffset StartedAt, int Total)
{
    public int Done { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>How many volumes a second were read; 0 before the first.</summary>
    public double RateAt(DateTimeOffset now) => ((EndedAt ?? now) - StartedAt).TotalSeconds is > 0 and var seconds ? Done / seconds : 0;

    public bool Failed { get; set; }

    /// <summary>Whether the task has ended and there was nothing to read.</summary>
    public bool FoundNothing => Task == DataTask.Ingest && EndedAt is not null && !Failed && Done == 0;

    /// <summary>What a check found.</summary>
    public SiteReport? Report { get; set; }
}
