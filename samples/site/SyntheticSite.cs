using System.IO.Compression;
using Lazaret.Cohort.Nifti;

namespace Lazaret.SampleSite;

/// <summary>A site with an effect that is known, for the demo, the tests and the benchmarks.</summary>
public static class SyntheticSite
{
    private const float LoadingScale = 0.2f;
    private const float NoiseScale = 0.1f;

    /// <summary>
    /// Writes <c>view/</c> (tables, template, masks, volumes, site.yaml) and <c>requester/</c> (the map and the null map) into the folder.
    /// 1. Draws subjects and outcomes with the planted correlation. 2. Writes the tables. 3. Writes template, masks and maps.
    /// 4. Writes one volume a subject, one at a time on each processor: smooth noise, and the map times the loading.
    /// </summary>
    /// <param name="folder">Made if it does not exist; it must not hold a view yet.</param>
    /// <param name="options">The defaults make a site for a demo in a second or two.</param>
    /// <param name="progress">Told how many volumes are written.</param>
    /// <param name="cancellationToken">Leaves the folder half-written.</param>
    /// <exception cref="ArgumentException">Names every option out of its range.</exception>
    /// <exception cref="IOException">The folder holds a view already.</exception>
    public static PlantedTruth Create(
        string folder, SyntheticSiteOptions options, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        if (options.Faults().ToArray() is { Length: > 0 } faults)
            throw new ArgumentException(string.Join("; ", faults), nameof(options));
        var view = Path.Combine(Path.GetFullPath(folder), "view");
        var requester = Path.Combine(Path.GetFullPath(folder), "requester");
        if (Directory.Exists(view))
            throw new IOException($"{view} exists already");
        foreach (var directory in new[] { Path.Combine(view, "masks"), Path.Combine(view, SiteTables.Volumes), requester })
            Directory.CreateDirectory(directory);

        // 1. Subjects and outcomes.
        var subjects = SyntheticCohort.Draw(options);
        var truth = new PlantedTruth
        {
            View = view,
            Map = Path.Combine(requester, "map.nii.gz"),
            NullMap = Path.Combine(requester, "null.nii.gz"),
            Correlations = new Dictionary<string, double>(StringComparer.Ordinal)
            {
                [SiteTables.PlantedOutcome] = options.Correlation,
                [SiteTables.UnrelatedOutcome] = 0,
            },
            Loadings = subjects.ToDictionary(subject => subject.Id, subject => subject.Loading, StringComparer.Ordinal),
        };

        // 2. Tables.
        SiteTables.Write(view, subjects, options);

        // 3. Template, masks and maps.
        var brain = new SyntheticBrain(options.VoxelMm);
        Write(Path.Combine(view, SiteTables.Template), brain, brain.Template());
        var masks = brain.Masks();
        foreach (var (name, voxels) in masks)
            Write(Path.Combine(view, "masks", $"{name}.nii.gz"), brain, voxels);
        var map = brain.NetworkMap();
        Write(truth.Map, brain, map);
        Write(truth.NullMap, brain, NullMap(brain, map, [.. masks.Values], new Random(unchecked(options.Seed * 1_000_003))));

        // 4. Volumes.
        var written = 0;
        Parallel.For(
            0,
            subjects.Count,
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            () => new float[map.Length],
            (index, _, voxels) =>
            {
                // A generator of its own, so that the order in which volumes are made does not matter.
                FillConnectivity(voxels, brain, map, subjects[index].Loading, new Random(unchecked(options.Seed * 1_000_003 + index + 1)));
                Write(Path.Combine(view, SiteTables.VolumeOf(subjects[index])), brain, voxels);
                progress?.Report(Interlocked.Increment(ref written));
                return voxels;
            },
            _ => { });
        return truth;
    }

    private static void FillConnectivity(float[] voxels, SyntheticBrain brain, float[] map, double loading, Random random)
    {
        SmoothNoise.Fill(voxels, brain.Grid, random);
        // As in real data, the field of view ends where it ends: some lack the lowest slices.
        var first = brain.FirstVoxelAbove(SyntheticBrain.SkullBase - 8 * random.NextDouble());
        var scale = LoadingScale * (float)loading;
        voxels.AsSpan(0, first).Fill(float.NaN);
        for (var voxel = first; voxel < voxels.Length; voxel++)
            voxels[voxel] = brain.Inside[voxel] ? NoiseScale * voxels[voxel] + scale * map[voxel] : float.NaN;
    }

    /// <summary>Noise without its part along the map, taken off wherever masks differ: so it is orthogonal to the map inside each mask.</summary>
    private static float[] NullMap(SyntheticBrain brain, float[] map, float[][] masks, Random random)
    {
        var noise = new float[map.Length];
        SmoothNoise.Fill(noise, brain.Grid, random);
        foreach (var cell in Enumerable.Range(0, map.Length).GroupBy(CellOf))
        {
            var product = cell.Sum(voxel => (double)noise[voxel] * map[voxel]);
            var square = cell.Sum(voxel => (double)map[voxel] * map[voxel]);
            foreach (var voxel in cell)
                noise[voxel] = brain.Inside[voxel] ? noise[voxel] - (float)(product / square * map[voxel]) : 0;
        }

        return noise;

        int CellOf(int voxel) => masks.Aggregate(0, (cell, mask) => 2 * cell + (mask[voxel] > 0 ? 1 : 0));
    }

    private static void Write(string path, SyntheticBrain brain, float[] voxels)
    {
        // Noise barely compresses: better levels take several times as long for a few percent.
        using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        NiftiWriter.Write(gzip, new NiftiVolume(brain.Grid, 1, voxels), compress: false);
    }
}
