namespace Lazaret.Node.Cohorts.Views;

/// <summary>Builds or verifies the cohort store while the node starts, so that no job waits for it and none reads a damaged one.</summary>
internal sealed class StoreWarmUp(CohortSite site, SiteStore store) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (await Task.Run(() => site.Read(CohortSite.Leisure, out _), stoppingToken).WaitAsync(stoppingToken) is { } data)
            await store.RefreshAsync(data.View, verify: true, stoppingToken);
    }
}
