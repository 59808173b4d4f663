using System.Diagnostics.Metrics;
using Lazaret.Cohort.Store;
using Lazaret.Node.Cohorts.Views;
using Lazaret.Node.Http.Tls;
using Lazaret.Node.Keys;
using Lazaret.Node.Storage;

namespace Lazaret.Node.Health.Gauges;

/// <summary>What this machine has: disk, keys, certificate, cohort store.</summary>
internal sealed class MachineGauges(
    StateFolder state, CurrentKeyRing ring, CohortSite site, ServerCertificate certificate, GaugeBoard board, TimeProvider time)
{
    private readonly PatientReader<double?> _staleness = new(() => StalenessOf(state, site), time);

    /// <param name="runsJobs">Whether this process has a cohort store.</param>
    public void Measure(bool runsJobs)
    {
        var disks = ((string, string)[])[("state", state.Root), ("temp", Path.GetTempPath())];
        var free = disks.Select(disk => (Name: disk.Item1, Disk: FreeDisk.Of(disk.Item2))).Where(disk => disk.Disk is not null).ToList();
        board.Set(GaugeNames.DiskFree, [.. free.Select(disk => new Measurement<double>(disk.Disk!.Bytes, new KeyValuePair<string, object?>("folder", disk.Name)))]);
        board.Set(GaugeNames.DiskSize, [.. free.Select(disk => new Measurement<double>(disk.Disk!.Total, new KeyValuePair<string, object?>("folder", disk.Name)))]);
        if (ring.Taken is { } taken)
            board.Set(GaugeNames.KeyAge, (time.GetUtcNow() - taken.Primary.Created).TotalSeconds);
        if (certificate.Remaining is { } remaining)
            board.Set(GaugeNames.CertificateRemaining, remaining.TotalSeconds);
        if (runsJobs)
            MeasureStore();
    }

    private void MeasureStore()
    {
        // It takes a look at each volume, whose disk may not answer.
        if (_staleness.TryRead(CohortSite.Soon, out var stale, out _) && stale is { } known)
            board.Set(GaugeNames.StoreStale, known);
        else
            board.Set(GaugeNames.StoreStale);
    }

    private static double? StalenessOf(StateFolder state, CohortSite site)
    {
        if (site.IsUnused || site.Read(CohortSite.Soon, out _) is not { } data)
            return null;
        try
        {
            using var store = CohortStore.Open(state.CohortStore);
            return store.IsCurrent(data.View) ? 0 : 1;
        }
        catch (Exception e) when (e is StoreException or IOException or UnauthorizedAccessException)
        {
            return 1;
        }
    }
}
