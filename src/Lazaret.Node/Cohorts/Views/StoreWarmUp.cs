namespace Lazaret.Node.Cohorts.Views;

/// <summary>Builds or verifies the cohort store while the node starts, so that no job waits for it and none reads a damaged one.</summary>
internal sealed class StoreWarmUp(CohortSite site, SiteStore store) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        site.Read(out _) is { } data ? store.RefreshAsync(data.View, verify: true, stoppingToken) : Task.CompletedTask;
}
