using System.Collections.Concurrent;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>The deep check behind <c>lazaret site check</c>: every volume and mask is read to its end.</summary>
public static class SiteCheck
{
    /// <summary>
    /// All faults of the view, in the order of its files: what <see cref="DataView.Faults"/> lists, volumes that are unreadable or off
    /// the site's grid, and masks that are unreadable, empty, or do not meet it.
    /// </summary>
    /// <param name="progress">How many files have been read, of how many.</param>
    public static FaultList<Fault> Run(DataView view, NiftiLimits? limits, IProgress<(int Done, int Total)>? progress, CancellationToken cancellationToken)
    {
        var faults = new FaultList<Fault>(DataView.MostFaults);
        faults.AddRange(view.Faults, fault => fault);
        if (view.Grid is not { } grid)
        {
            faults.Add(new Fault(DataView.PathsFile, 0, 0, "no volume can be read, so that the site has no grid"));
            return faults;
        }

        var found = new ConcurrentBag<Fault>();
        var sync = new Lock();
        var done = 0;
        var checks = view.Rows.Select<CohortRow, Func<Fault?>>(row => () => CheckVolume(row, grid, limits))
            .Concat(view.Masks.Select<string, Func<Fault?>>(name => () => CheckMask(view, name, grid, limits)))
            .ToArray();
        Parallel.ForEach(checks, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, check =>
        {
            if (check() is { } fault)
                found.Add(fault);
            lock (sync)
                progress?.Report((++done, checks.Length));
        });
        faults.AddRange(found.OrderBy(fault => fault.File != DataView.PathsFile).ThenBy(fault => fault.File, StringComparer.Ordinal).ThenBy(fault => fault.Line));
        return faults;
    }

    private static Fault? CheckVolume(CohortRow row, Grid grid, NiftiLimits? limits)
    {
        var (anyFinite, wrong) = SubjectVolume.Read(row.VolumePath, grid, limits, ContainsFinite);
        wrong ??= anyFinite ? null : "the volume has no finite voxel";
        return wrong is null ? null : new Fault(DataView.PathsFile, row.PathsLine, 0, wrong);
    }

    private static Fault? CheckMask(DataView view, string name, Grid grid, NiftiLimits? limits)
    {
        var file = SiteFiles.MaskFile(name);
        try
        {
            return Array.Exists(SiteMask.Read(view, name, grid, limits), voxel => voxel > 0) ? null : new Fault(file, 0, 0, "the mask is empty");
        }
        catch (NiftiException exception)
        {
            return new Fault(file, 0, 0, $"no sound mask: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Fault(file, 0, 0, "the mask cannot be read");
        }
    }

    private static bool ContainsFinite(NiftiReader reader)
    {
        var chunk = new float[16 << 10];
        var any = false;
        for (int read; (read = reader.Read(chunk)) > 0;)
            any = any || ((ReadOnlySpan<float>)chunk.AsSpan(0, read)).CountFinite() > 0;
        return any;
    }
}
