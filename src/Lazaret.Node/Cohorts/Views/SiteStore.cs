using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Cohorts.Views;

/// <summary>The cohort store in the state folder: brought up to date before a job reads it.</summary>
internal sealed partial class SiteStore(StateFolder state, ILogger<SiteStore> logger) : IDisposable
{
    private readonly SemaphoreSlim _ingesting = new(1);

    /// <summary>Builds or updates the store for this view, and returns its file; null if that fails, and then a job reads the volumes.</summary>
    /// <param name="verify">Whether the whole matrix is also checked against its checksums.</param>
    /// <param name="cancellationToken">Ends it; what was read stays.</param>
    /// <param name="progress">Told how many volumes were looked at.</param>
    public async Task<string?> RefreshAsync(DataView view, bool verify, CancellationToken cancellationToken, IProgress<IngestProgress>? progress = null)
    {
        await _ingesting.WaitAsync(cancellationToken);
        try
        {
            // Returns at once when nothing has changed.
            Func<DataView, string, NiftiLimits?, IProgress<IngestProgress>?, CancellationToken, IngestReport> ingest = verify ? StoreIngest.Run : StoreIngest.Refresh;
            var report = await Task.Run(() => ingest(view, state.CohortStore, null, progress, cancellationToken), cancellationToken);
            if (report.Read > 0)
                LogIngested(report.Read, report.Rows);
            if (report.Read > 0 && report.Unusable.Count > 0)
                LogUnusable(report.Unusable.Count);
            return state.CohortStore;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StoreException)
        {
            LogFailed(e);
            return null;
        }
        finally
        {
            _ingesting.Release();
        }
    }

    public void Dispose() => _ingesting.Dispose();

    [LoggerMessage(Level = LogLevel.Information, Message = "Cohort store: {Read} volumes read, {Rows} rows")]
    private partial void LogIngested(int read, int rows);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cohort store: {Unusable} of the volumes cannot be used, and their people are in no answer: 'lazaret site check' names them")]
    private partial void LogUnusable(int unusable);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The cohort store cannot be built: every job will read its volumes")]
    private partial void LogFailed(Exception exception);
}
