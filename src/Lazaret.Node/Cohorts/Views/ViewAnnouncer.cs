namespace Lazaret.Node.Cohorts.Views;

/// <summary>In a process that admits requests: records a change of the data view even while no request comes, since jobs may be waiting.</summary>
internal sealed partial class ViewAnnouncer(ViewAgreement agreement, CohortSite site, TimeProvider time, ILogger<ViewAnnouncer> logger) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        do
        {
            try
            {
                if (site.Read(out _) is { } data)
                    await agreement.AnnounceAsync(data, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotWritten(e.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Debug, "The state of the data view could not be written down yet ({Cause})")]
    private partial void LogNotWritten(string cause);
}
