using Lazaret.Node.Audit;

namespace Lazaret.Node.Retention;

/// <summary>Deletes what has expired, again and again.</summary>
internal sealed partial class RetentionWorker(Purge purge, RetentionOptions options, TimeProvider time, ILogger<RetentionWorker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(options.SweepMinutes), time);
        do
        {
            try
            {
                if (await purge.RunAsync(AuditEntry.Node, stoppingToken) is var deleted and > 0)
                    LogDeleted(deleted);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The next sweep deletes the same records, so nothing is lost.
                LogFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Information, "{Records} expired records deleted")]
    private partial void LogDeleted(int records);

    [LoggerMessage(LogLevel.Error, "What has expired could not be deleted")]
    private partial void LogFailed(Exception exception);
}
