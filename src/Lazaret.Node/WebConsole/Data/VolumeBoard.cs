using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Storage;

namespace Lazaret.Node.WebConsole.Data;

/// <summary>
/// Which volumes the store has read. Each look asks the file system about every volume. Its result serves all pages for a while, and no page waits while the same
/// data is looked at again.
/// </summary>
internal sealed class VolumeBoard(StateFolder state, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    private readonly Lock _looking = new();
    private Seen? _last;
    private bool _isLooking;

    /// <summary>The state of the volumes; null when there is no store that can be read.</summary>
    public StoredVolumes? Read(CohortSnapshot data)
    {
        var written = File.GetLastWriteTimeUtc(state.CohortStore);
        lock (_looking)
        {
            if (_last is not { } last || last.Data != data.Version || last.Store != written)
                return (_last = Look(data, written)).Volumes;
            if (!_isLooking && time.GetElapsedTime(last.At) > Kept)
            {
                _isLooking = true;
                _ = Task.Run(() => LookAgain(data, written));
            }

            return last.Volumes;
        }
    }

    private void LookAgain(CohortSnapshot data, DateTime written)
    {
        try
        {
            var found = Look(data, written);
            lock (_looking)
                _last = found;
        }
        finally
        {
            lock (_looking)
                _isLooking = false;
        }
    }

    private Seen Look(CohortSnapshot data, DateTime written) => new(data.Version, written, time.GetTimestamp(), Find(data));

    private StoredVolumes? Find(CohortSnapshot data)
    {
        try
        {
            using var store = CohortStore.Open(state.CohortStore);
            var rows = data.View.Rows.Select(row => (row.Visit, row.VolumeName, Of: store.StateOf(row))).ToList();
            return new StoredVolumes(
                [.. rows.GroupBy(row => row.Visit, StringComparer.Ordinal).OrderBy(visit => visit.Key, StringComparer.Ordinal)
                    .Select(visit => new VisitVolumes(visit.Key, visit.GroupBy(row => row.Of.State).ToDictionary(found => found.Key, found => found.Count())))],
                [.. rows.Where(row => row.Of.Fault is not null).Select(row => new UnusableVolume(row.VolumeName, row.Of.Fault!)).OrderBy(volume => volume.Fault.Line)]);
        }
        catch (Exception e) when (e is StoreException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Seen(string Data, DateTime Store, long At, StoredVolumes? Volumes);
}

/// <summary>The volumes of the view, as the store has them.</summary>
/// <param name="Unusable">The volumes that cannot be used, and why.</param>
internal sealed record StoredVolumes(IReadOnlyList<VisitVolumes> Visits, IReadOnlyList<UnusableVolume> Unusable)
{
    /// <summary>How many volumes the next ingest will read.</summary>
    public int Changed => Count(VolumeState.Stale) + Count(VolumeState.New);

    public int Count(VolumeState state) => Visits.Sum(visit => visit.Count(state));
}

/// <summary>A volume that cannot be used.</summary>
/// <param name="Name">Its path within the view, or an absolute path if it is outside.</param>
internal sealed record UnusableVolume(string Name, Fault Fault);

/// <summary>The volumes of one visit, counted by their state.</summary>
internal sealed record VisitVolumes(string Visit, IReadOnlyDictionary<VolumeState, int> States)
{
    public int Count(VolumeState state) => States.GetValueOrDefault(state);
}
