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
        if (site.IsUnused || site.Read(out _) is not { } data)
        {
            board.Set(GaugeNames.StoreStale);
            return;
        }

        try
        {
            using var store = CohortStore.Open(state.CohortStore);
            board.Set(GaugeNames.StoreStale, store.IsCurrent(data.View) ? 0 : 1);
        }
        catch (Exception e) when (e is StoreException or IOException or UnauthorizedAccessException)
        {
            board.Set(GaugeNames.StoreStale, 1);
        }
    }
}
