using System.Collections.Concurrent;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>The deep check behind <c>lazaret site check</c>: every volume and mask is read to its end.</summary>
public static class SiteCheck
{
    /// <summary>
    /// Its faults are, in the order of the files, what <see cref="DataView.Faults"/> lists, volumes that are unreadable or off the site's grid, and
    /// masks and parcellations that are unreadable, empty, or do not meet it.
    /// </summary>
    /// <param name="view">What is checked.</param>
    /// <param name="limits">Of volumes; null for none.</param>
    /// <param name="progress">How many files have been read, of how many.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <param name="minimumCohort">The node's; 0 where it answers about any difference of people.</param>
    public static SiteReport Run(DataView view, NiftiLimits? limits, IProgress<(int Done, int Total)>? progress, CancellationToken cancellationToken, int minimumCohort = OutcomePeople.UsualMinimum)
    {
        var faults = new FaultList<Fault>(DataView.MostFaults);
        faults.AddRange(view.Faults, fault => fault);
        var volumes = new ConcurrentDictionary<CohortRow, CheckedVolume>();
        var masks = new ConcurrentDictionary<string, CheckedMask>(StringComparer.Ordinal);
        var parcellations = new ConcurrentDictionary<string, CheckedParcellation>(StringComparer.Ordinal);
        var torn = new List<Fault>();
        if (view.Grid is not { } grid)
        {
            faults.Add(new Fault(DataView.PathsFile, 0, 0, "no volume can be read, so that the site has no grid"));
        }
        else
        {
            var sync = new Lock();
            var holes = new VolumeHoles(grid);
            var done = 0;
            var checks = view.Rows.Select<CohortRow, Action>(row => () => volumes[row] = CheckedVolume.Read(row, grid, limits, holes))
                .Concat(view.Masks.Select<string, Action>(name => () => masks[name] = CheckedMask.Read(view, name, grid, limits)))
                .Concat(view.Parcellations.Select<Parcellation, Action>(known => () => parcellations[known.Name] = CheckedParcellation.Read(view, known, grid, limits)))
                .ToArray();
            var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
            Parallel.ForEach(checks, options, check =>
            {
                check();
                lock (sync)
                    progress?.Report((++done, checks.Length));
            });
            // What most volumes have is known only now. A bitmap of each would be a gigabyte on fine grids, and reading once more is not.
            var lacks = new ConcurrentBag<VolumeHoles.Lack>();
            var sound = masks.Where(mask => mask.Value.Fault is null).ToDictionary(mask => mask.Key, mask => mask.Value.Bits, StringComparer.Ordinal);
            if (holes.HasAny)
            {
                Parallel.ForEach(volumes.Values.Where(volume => volume is { Fault: null, IsConstant: false }), options, volume =>
                {
                    if (holes.LackOf(volume.Row, limits, sound) is { } lack)
                        lacks.Add(lack);
                });
            }

            torn.AddRange(holes.Findings(lacks, sound));
        }

        faults.AddRange(volumes.Values.Select(volume => volume.Fault).OfType<Fault>().OrderBy(fault => fault.Line));
        faults.AddRange(masks.Values.Select(mask => mask.Fault).OfType<Fault>().OrderBy(fault => fault.File, StringComparer.Ordinal));
        var parcelled = parcellations.OrderBy(known => known.Key, StringComparer.Ordinal).Select(known => known.Value).ToList();
        faults.AddRange(parcelled.Select(known => known.Fault).OfType<Fault>());
        bool[] isUsable = [.. view.Rows.Select(row => volumes.TryGetValue(row, out var volume) && volume.Fault is null)];
        return new SiteReport
        {
            Faults = faults,
            Findings =
            [
                .. view.Findings,
                .. new[] { TemplateSpace.Unknown(view.Declaration.Template), TemplateSpace.Contrary([.. view.Rows.Select(row => row.VolumeName)], view.Declaration.Template) }.OfType<string>()
                    .Select(found => new Fault(SiteDeclaration.File, 0, 0, found)),
                .. new[] { CheckedVolume.OddGrid(view, [.. volumes.Values]) }.OfType<Fault>(),
                .. CheckedVolume.Findings(view.Rows.Where(volumes.ContainsKey).Select(row => volumes[row])),
                .. torn,
                .. OutcomePeople.Findings(view, isUsable, minimumCohort),
                .. masks.OrderBy(mask => mask.Key, StringComparer.Ordinal).SelectMany(mask => mask.Value.Findings),
                .. parcelled.Select(known => known.Finding).OfType<Fault>(),
            ],
            Lines = view.Lines,
            Joined = view.Rows.Count,
            Variables = Catalog.Of(view, minimumCohort: 0).Variables,
            Outcomes = view.Outcomes.ToDictionary(outcome => outcome.Key, outcome => outcome.Value.Where((value, row) => isUsable[row] && double.IsFinite(value)).Count(), StringComparer.Ordinal),
            Volumes = volumes.Values.Count(volume => volume.Fault is null),
            Masks = masks.Where(mask => mask.Value.Fault is null).ToDictionary(mask => mask.Key, mask => mask.Value.Inside, StringComparer.Ordinal),
            Parcellations = parcellations.Where(known => known.Value.Fault is null).ToDictionary(known => known.Key, known => known.Value.Present, StringComparer.Ordinal),
            Lost = view.Notes.Total,
        };
    }
}
