using Lazaret.Cohort.Nifti;
using Lazaret.Node.Cohorts.Answers;
using Lazaret.Node.Configuration;

namespace Lazaret.Node.Cohorts;

/// <summary>Bounds of cohort jobs.</summary>
public sealed record CohortOptions
{
    /// <summary>The largest map that may be uploaded, in MiB. 64; 1 to 2048.</summary>
    public int MaxUploadMiB { get; init; } = 64;

    /// <summary>The largest map, in 2^20 voxels: 72 take a template at 0.5 mm. Maps are read plane by plane and one after the other, whatever their size. A batch of 64 on the site's grid is always taken. 72; 1 to 512.</summary>
    public int MaxMapMegavoxels { get; init; } = 72;

    /// <summary>The memory of a cohort run, in MiB. 1024; 64 to 1048576.</summary>
    public int MemoryMiB { get; init; } = 1024;

    /// <summary>The wall-clock limit of a cohort run, in seconds. 600; 1 to 86400.</summary>
    public int TimeoutSeconds { get; init; } = 600;

    /// <summary>The most maps of one file.</summary>
    internal const int LargestBatch = 64;

    internal long MaxVoxels => (long)MaxMapMegavoxels << 20;

    /// <summary>Within which a map is read that is to be brought onto this grid. A small upload may inflate to much.</summary>
    internal NiftiLimits LimitsOn(Grid site) => new() { Voxels = Math.Max(MaxVoxels, LargestBatch * site.Voxels), Maps = LargestBatch };

    internal CatalogMapLimits MapLimits => new(MaxUploadMiB, MaxVoxels, LargestBatch);

    internal long MaxUpload => (long)MaxUploadMiB << 20;

    internal void Check(OptionFaults faults)
    {
        faults.Range("Cohorts:MaxUploadMiB", MaxUploadMiB, 1, 2048);
        faults.Range("Cohorts:MaxMapMegavoxels", MaxMapMegavoxels, 1, 512);
        faults.Range("Cohorts:MemoryMiB", MemoryMiB, 64, 1 << 20);
        faults.Range("Cohorts:TimeoutSeconds", TimeoutSeconds, 1, 86_400);
    }
}
