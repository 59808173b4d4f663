using Lazaret.Node.Audit;
using Lazaret.Node.Telemetry;

namespace Lazaret.Node.Retention;

/// <summary>Deletes what has expired, again and again.</summary>
internal sealed partial class RetentionWorker(Purge purge, RetentionOptions options, TimeProvider time, ILogger<RetentionWorker> logger) : BackgroundService
{
    private readonly Outage _deleting = new(logger, "What has expired cannot be deleted");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(options.SweepMinutes), time);
        do
        {
            try
            {
                if (await purge.RunAsync(AuditEntry.Node, stoppingToken) is var deleted and > 0)
                    LogDeleted(deleted);
                _deleting.Passed();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The next sweep deletes the same records, so nothing is lost.
                _deleting.Failed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Information, "{Records} expired records deleted")]
    private partial void LogDeleted(int records);
}
