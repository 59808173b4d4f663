using System.Globalization;
using System.Runtime.InteropServices;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Store;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>A subject's volume, read to its end.</summary>
/// <param name="Content">Alike for volumes of the same voxels, and with next to no chance for others.</param>
/// <param name="IsConstant">Whether all its finite voxels have one value.</param>
/// <param name="Largest">The largest absolute value of its finite voxels.</param>
/// <param name="Disagreement">How far apart, in millimetres, its two affines put its voxels.</param>
/// <param name="Gaps">The share of its voxels that are not finite.</param>
/// <param name="Zeros">The share of those that are exactly 0.</param>
internal sealed record CheckedVolume(CohortRow Row, Fault? Fault, (uint Checksum, double Sum) Content, bool IsConstant, double Largest, double Disagreement, double Gaps, double Zeros)
{
    /// <summary>So large a share of a volume lies outside of the brain, or is a broken voxel if it is less.</summary>
    private const double BackgroundShare = 0.01;

    private const double Negligible = 0.01;

    /// <summary>Volumes of one site and one method do not differ so much in their largest values, whatever the patients.</summary>
    private const double OtherScale = 100;

    /// <summary>Why its values in single precision are not the file's; null where they are.</summary>
    public string? Lost { get; private init; }

    private bool IsOffGrid => Fault is { } fault && fault.Message.StartsWith(SubjectVolume.OffGrid, StringComparison.Ordinal);

    /// <summary>Where the grid is the first volume's, and most volumes lie off it: that one is odd, not they.</summary>
    public static Fault? OddGrid(DataView view, IReadOnlyCollection<CheckedVolume> volumes) =>
        view.Declaration.TemplateFile is null && volumes.Count(volume => volume.IsOffGrid) is var off && 2 * off > volumes.Count
            ? new Fault(SiteDeclaration.File, 0, 0, string.Create(CultureInfo.InvariantCulture, $"{off} of {volumes.Count} volumes lie off the grid, which is that of the first volume: if that one is odd, name one that is not as template_file"))
            : null;

    /// <param name="holes">Are told where the volume has something.</param>
    public static CheckedVolume Read(CohortRow row, Grid grid, NiftiLimits? limits, VolumeHoles holes)
    {
        var marks = GridBits.For(grid.Voxels);
        var (content, wrong) = SubjectVolume.Read(row.VolumePath, grid, limits, reader => ReadContent(reader, marks));
        if (wrong is null && content.Smallest > content.Largest)
            wrong = SubjectVolume.NothingFinite;
        // One that is 0 everywhere is constant, which is said once.
        if (wrong is null && content.Smallest < content.Largest)
            holes.Add(marks);
        return new CheckedVolume(
            row, wrong is null ? null : new Fault(DataView.PathsFile, row.PathsLine, 0, wrong), (content.Checksum, content.Sum), content.Smallest == content.Largest, Math.Max(-content.Smallest, content.Largest), content.Disagreement, content.Gaps, content.Zeros) { Lost = content.Lost };
    }

    /// <summary>What sound volumes say together.</summary>
    public static IEnumerable<Fault> Findings(IEnumerable<CheckedVolume> volumes)
    {
        var seen = new Dictionary<(uint, double), CohortRow>();
        var (own, foreign) = (new RepeatedVolumes("of the same subject"), new RepeatedVolumes("of another subject"));
        var sound = volumes.Where(volume => volume.Fault is null).OrderBy(volume => volume.Row.PathsLine).ToList();
        foreach (var odd in OddScales(sound).Concat(OddBackgrounds(sound)))
            yield return odd;
        if (sound.FindAll(volume => volume.Lost is not null) is [var rounded, ..] all)
            yield return At(rounded, string.Create(CultureInfo.InvariantCulture, $"in {all.Count} of {sound.Count} volumes, this the first, single precision does not hold the values: {rounded.Lost}"));
        foreach (var volume in sound)
        {
            if (volume.IsConstant)
                yield return At(volume, "the volume has the same value everywhere: it has no correlation with any map, and counts in the dot product all the same");
            else if (!seen.TryAdd(volume.Content, volume.Row))
                (seen[volume.Content].SubjectId == volume.Row.SubjectId ? own : foreign).Add(volume.Row.PathsLine, seen[volume.Content].PathsLine);
            if (volume.Disagreement > Negligible)
                yield return At(volume, string.Create(CultureInfo.InvariantCulture, $"sform and qform put its voxels up to {volume.Disagreement:0.###} mm apart: the sform is used"));
        }

        foreach (var repeated in foreign.Findings().Concat(own.Findings()))
            yield return repeated;
    }

    private static IEnumerable<Fault> OddScales(IEnumerable<CheckedVolume> sound)
    {
        var volumes = sound.Where(volume => volume.Largest > 0).ToList();
        if (volumes.Count < 3)
            yield break;
        var usual = volumes.Select(volume => volume.Largest).Order().ElementAt(volumes.Count / 2);
        (Predicate<CheckedVolume> IsOdd, string Than)[] ways = [(volume => volume.Largest > OtherScale * usual, "larger"), (volume => volume.Largest < usual / OtherScale, "smaller")];
        foreach (var (isOdd, than) in ways)
        {
            if (volumes.FindAll(isOdd) is [var first, ..] odd)
                yield return At(first, string.Create(CultureInfo.InvariantCulture, $"in {odd.Count} of {volumes.Count} volumes, this the first, the largest value is more than {OtherScale} times {than} than is usual here: they may be in another unit, or have a broken voxel"));
        }
    }

    /// <summary>What lies outside of the brain is NaN in some volumes and 0 in others, as SPM and FSL write it.</summary>
    private static IEnumerable<Fault> OddBackgrounds(List<CheckedVolume> sound)
    {
        var gapped = sound.FindAll(volume => volume.Gaps >= BackgroundShare);
        if (gapped.Count < 2)
            yield break;
        var usual = gapped.Select(volume => volume.Gaps).Order().ElementAt(gapped.Count / 2);
        if (sound.FindAll(volume => volume.Gaps == 0 && 2 * volume.Zeros >= usual) is [var first, _, ..] zeros)
            yield return At(first, string.Create(CultureInfo.InvariantCulture, $"{zeros.Count} of {sound.Count} volumes, this the first, mark missing voxels with 0, {gapped.Count} with NaN: all scores except dot take 0 for a value: write them alike in all files"));
    }

    private static Fault At(CheckedVolume volume, string message) => new(DataView.PathsFile, volume.Row.PathsLine, 0, message);

    private static (uint Checksum, double Sum, float Smallest, float Largest, double Disagreement, double Gaps, double Zeros, string? Lost) ReadContent(NiftiReader reader, ulong[] marks)
    {
        var chunk = new float[16 << 10];
        var checksum = new Crc32();
        var at = 0;
        var (sum, smallest, largest, gaps, zeros) = (0.0, float.PositiveInfinity, float.NegativeInfinity, 0, 0);
        for (int read; (read = reader.Read(chunk)) > 0;)
        {
            VolumeHoles.Mark(marks, at, chunk.AsSpan(0, read));
            at += read;
            checksum.Append(MemoryMarshal.AsBytes(chunk.AsSpan(0, read)));
            foreach (var value in chunk.AsSpan(0, read))
            {
                if (float.IsFinite(value))
                    (sum, smallest, largest) = (sum + value, Math.Min(smallest, value), Math.Max(largest, value));
                else
                    gaps++;
                zeros += value == 0 ? 1 : 0;
            }
        }

        return (checksum.Value, sum, smallest, largest, reader.Header.Disagreement, (double)gaps / at, (double)zeros / at, reader.Lost);
    }
}
