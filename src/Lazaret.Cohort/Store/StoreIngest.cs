using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort.Store;

/// <summary>Builds or refreshes the cohort store of a view.</summary>
public static class StoreIngest
{
    /// <summary>EWOULDBLOCK: another process has the lock. Anything else, such as a disk that is read only, would not pass by waiting.</summary>
    private const int LockedByAnother = 11;

    /// <summary>
    /// What a job needs before it runs: returns at once when the store is current by its head and the volumes' fingerprints, without
    /// reading the matrix; otherwise the same as <see cref="Run(DataView, string, NiftiLimits?, IProgress{IngestProgress}?, CancellationToken)"/>, which finds damage in the matrix, too.
    /// </summary>
    /// <inheritdoc cref="Run(DataView, string, NiftiLimits?, IProgress{IngestProgress}?, CancellationToken)" path="/exception"/>
    public static IngestReport Refresh(
        DataView view, string path, NiftiLimits? limits, IProgress<IngestProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            using var store = CohortStore.Open(path);
            if (store.IsCurrent(view))
                return Report(store, view, read: 0, replaced: null);
        }
        catch (StoreException)
        {
            // Run says why.
        }

        return Run(view, path, limits, progress, cancellationToken);
    }

    /// <summary>
    /// 1. Waits for any other ingest of the same store, and clears away what a crash left.
    /// 2. Opens the store there is; one that is damaged, of another version or on another grid does not count.
    /// 3. Returns when it is current.
    /// 4. Reads, in parallel, the volumes that are new or have changed, and takes the other rows from the store there is: those too whose volumes are not there now.
    /// 5. Writes the new store beside it, syncs it to disk and renames it into place: a crash leaves the one or the other.
    /// </summary>
    /// <exception cref="StoreException">The view has no volume to take the grid from.</exception>
    public static IngestReport Run(DataView view, string path, NiftiLimits? limits, IProgress<IngestProgress>? progress, CancellationToken cancellationToken) =>
        Run(view, path, force: false, limits, progress, cancellationToken);

    /// <param name="force">Reads every volume, whatever the store there is has of it.</param>
    /// <inheritdoc cref="Run(DataView, string, NiftiLimits?, IProgress{IngestProgress}?, CancellationToken)"/>
    public static IngestReport Run(
        DataView view, string path, bool force, NiftiLimits? limits, IProgress<IngestProgress>? progress, CancellationToken cancellationToken)
    {
        var grid = view.Grid ?? throw new StoreException("impossible: the data view has no volume to take the grid from");
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        // 1. Wait, and clear away.
        using var turn = TakeTurn(path + ".lock", cancellationToken);
        foreach (var leftover in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path) + ".part-*"))
            File.Delete(leftover);

        // 2. Open.
        var (before, replaced) = force && view.Absent.Count == 0 ? (null, null) : OpenSound(path, grid, cancellationToken);
        using (before)
        {
            // 3. Return when current.
            if (!force && before?.IsCurrent(view) == true)
                return Report(before, view, read: 0, replaced: null);

            // 4. and 5.
            var read = new StoreWriter(view, grid, before, force, limits, progress).Write(path, cancellationToken);
            using var store = CohortStore.Open(path);
            return Report(store, view, read, replaced);
        }
    }

    private static IngestReport Report(CohortStore store, DataView view, int read, string? replaced) =>
        new(store.Rows, read, [.. view.Rows.Select(store.FaultOf).OfType<Fault>()], replaced);

    private static (CohortStore? Store, string? Replaced) OpenSound(string path, Grid grid, CancellationToken cancellationToken)
    {
        CohortStore? store = null;
        try
        {
            store = CohortStore.Open(path);
            store.Verify(cancellationToken);
            if (store.Grid == grid)
                return (store, null);
            store.Dispose();
            return (null, "the cohort store is on another grid");
        }
        catch (StoreException exception)
        {
            store?.Dispose();
            return (null, exception.Message);
        }
    }

    private static FileStream TakeTurn(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
            }
            catch (IOException exception) when (exception.HResult == LockedByAnother)
            {
                cancellationToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(200));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }
}
