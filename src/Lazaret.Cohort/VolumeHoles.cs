using System.Globalization;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>
/// Voxels that a volume lacks though most volumes have them: it is not finite there, or exactly 0 over a region, as tools write it where they saw nothing. Scores of such a volume are of
/// fewer voxels, or of zeros that nobody measured. A zero among other values is a value: volumes of whole numbers have some.
/// </summary>
internal sealed class VolumeHoles(Grid grid)
{
    /// <summary>So many volumes are named by themselves, those that lack most.</summary>
    private const int MostNamed = 20;

    /// <summary>Of fewer, it cannot be said what most have.</summary>
    private const int FewestVolumes = 3;

    /// <summary>Of the six neighbours of a zero, so many lack a value too where it is part of a region: those of a corner.</summary>
    private const int LackingNeighbours = 3;

    private readonly int[] _have = new int[grid.Voxels];
    private readonly Lock _sync = new();
    private int _volumes;

    /// <summary>Counts where a volume has something.</summary>
    public void Add(ulong[] content)
    {
        lock (_sync)
        {
            _volumes++;
            foreach (var voxel in GridBits.Positions(content))
                _have[voxel]++;
        }
    }

    /// <summary>Whether there is a voxel that most volumes have and not all.</summary>
    public bool HasAny => _volumes >= FewestVolumes && Array.Exists(_have, have => have < _volumes && 2 * have > _volumes);

    /// <summary>Reads a volume once more, for what it lacks.</summary>
    /// <param name="masks">By name, one bit per voxel of the grid.</param>
    /// <returns>Null where it lacks nothing, or cannot be read any more.</returns>
    public Lack? LackOf(CohortRow row, NiftiLimits? limits, IReadOnlyDictionary<string, ulong[]> masks)
    {
        var (values, _) = SubjectVolume.Read(row.VolumePath, grid, limits, reader =>
        {
            var all = new float[grid.Voxels];
            reader.Fill(all);
            return all;
        });
        if (values is null)
            return null;
        int[] lacks = [.. Enumerable.Range(0, values.Length).Where(voxel => 2 * _have[voxel] > _volumes && IsEmpty(values[voxel]) && (values[voxel] != 0 || IsInRegion(values, voxel)))];
        return lacks.Length == 0 ? null : new Lack(
            row,
            lacks.Length,
            lacks.Count(voxel => !float.IsFinite(values[voxel])),
            masks.Select(mask => (mask.Key, lacks.Count(voxel => GridBits.Has(mask.Value, voxel)))).Where(mask => mask.Item2 > 0).ToDictionary(StringComparer.Ordinal));
    }

    /// <param name="lacks">Of all volumes that lack something.</param>
    public IEnumerable<Fault> Findings(IReadOnlyCollection<Lack> lacks, IReadOnlyDictionary<string, ulong[]> masks)
    {
        if (_volumes < FewestVolumes)
            yield break;
        var region = _have.Count(have => 2 * have > _volumes);
        var ordered = lacks.OrderByDescending(lack => lack.Voxels).ThenBy(lack => lack.Row.PathsLine).ToList();
        foreach (var lack in ordered.Take(MostNamed).OrderBy(lack => lack.Row.PathsLine))
        {
            var inMasks = string.Concat(lack.InMasks.OrderBy(mask => mask.Key, StringComparer.Ordinal).Select(mask => $"; {mask.Value} of the {GridBits.Count(masks[mask.Key])} voxels in {Quoted.Bare(mask.Key)}"));
            yield return new Fault(DataView.PathsFile, lack.Row.PathsLine, 0, Text($"the volume has holes: {lack.Voxels} of the {region} voxels that most volumes have ({Percent(lack.Voxels, region)}), {lack.NotFinite} not finite and {lack.Voxels - lack.NotFinite} zero{inMasks}"));
        }

        if (ordered.Count > MostNamed)
            yield return new Fault(DataView.PathsFile, 0, 0, Text($"{ordered.Count} of {_volumes} volumes have holes; the {MostNamed} that lack most are named, {ordered[MostNamed].Voxels} voxels or fewer each of the others"));
        foreach (var (name, inside) in masks.OrderBy(mask => mask.Key, StringComparer.Ordinal))
        {
            var file = SiteFiles.MaskFile(name);
            var empty = GridBits.Positions(inside).Count(voxel => 2 * _have[voxel] <= _volumes);
            if (empty > 0)
                yield return new Fault(file, 0, 0, Text($"{empty} of the {GridBits.Count(inside)} voxels inside ({Percent(empty, GridBits.Count(inside))}) are zero or not finite in most volumes"));
            var torn = ordered.Where(lack => lack.InMasks.ContainsKey(name)).ToList();
            if (torn.Count > 0)
                yield return new Fault(file, 0, 0, Text($"{torn.Count} of {_volumes} volumes have holes inside, up to {torn.Max(lack => lack.InMasks[name])} of {GridBits.Count(inside)} voxels"));
        }
    }

    /// <summary>One bit per voxel: whether it is finite and not 0.</summary>
    public static void Mark(ulong[] content, int first, ReadOnlySpan<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (!IsEmpty(values[i]))
                GridBits.Set(content, first + i);
        }
    }

    private bool IsInRegion(float[] values, int voxel)
    {
        var (x, y, z) = (voxel % grid.X, voxel / grid.X % grid.Y, voxel / grid.X / grid.Y);
        var lacking = 0;
        foreach (var (at, size, step) in ((int, int, int)[])[(x, grid.X, 1), (y, grid.Y, grid.X), (z, grid.Z, grid.X * grid.Y)])
            lacking += (at > 0 && IsEmpty(values[voxel - step]) ? 1 : 0) + (at + 1 < size && IsEmpty(values[voxel + step]) ? 1 : 0);
        return lacking >= LackingNeighbours;
    }

    private static bool IsEmpty(float value) => value == 0 || !float.IsFinite(value);

    private static string Percent(int part, int whole) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:0.##} %");

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    /// <param name="InMasks">By name, voxels inside; no mask of which it lacks none.</param>
    internal sealed record Lack(CohortRow Row, int Voxels, int NotFinite, IReadOnlyDictionary<string, int> InMasks);
}
