using System.Collections.Frozen;
using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Tables;

/// <summary>The files of the view beside the tables: masks, and the volume whose grid is the site's.</summary>
internal static class SiteFiles
{
    private const string MaskEnding = ".nii.gz";

    // The bounds of a grid in millimetres. A mouse's brain has ten; a grid whose unit is wrong by a factor of a thousand lies outside.
    private const double SmallestExtent = 1;
    private const double LargestExtent = 5000;

    /// <summary>Other names that people give to the files and folders of a view, in upper or lower case.</summary>
    private static readonly FrozenDictionary<string, string> OtherNames = new Dictionary<string, string>
    {
        ["site.yaml"] = SiteDeclaration.File, ["site.yml"] = SiteDeclaration.File, ["site.yaml.txt"] = SiteDeclaration.File, ["masks"] = "masks", ["mask"] = "masks", ["parcellations"] = "parcellations", ["parcellation"] = "parcellations",
        ["subjects.csv"] = DataView.SubjectsFile, ["outcomes.csv"] = DataView.OutcomesFile, ["paths.csv"] = DataView.PathsFile,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static string MaskFile(string name) => $"masks/{name}{MaskEnding}";

    /// <summary>Finds files and folders of the view that have nearly the right name, and would be ignored.</summary>
    public static IEnumerable<Fault> Misnamed(string directory) => Directory.Exists(directory)
        ? Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path)).Where(name => OtherNames.TryGetValue(name, out var right) && name != right && !Path.Exists(Path.Combine(directory, right)))
            .Order(StringComparer.Ordinal).Select(name => new Fault(name, 0, 0, $"is not read: the name is {OtherNames[name]}"))
        : [];

    public static IReadOnlyList<string> Masks(string directory, FaultList<Fault> faults)
    {
        var folder = Path.Combine(directory, "masks");
        if (!Directory.Exists(folder))
            return [];
        var names = new List<string>();
        foreach (var file in Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Where(file => !file.StartsWith('.')).Order(StringComparer.Ordinal))
        {
            if (file.EndsWith(MaskEnding, StringComparison.Ordinal) && file.Length > MaskEnding.Length)
                names.Add(file[..^MaskEnding.Length]);
            else
                faults.Add(new Fault($"masks/{file}", 0, 0, $"no mask: its name does not end in {MaskEnding}"));
        }

        foreach (var inner in Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal))
            faults.Add(new Fault($"masks/{inner}", 0, 0, "is a folder, and not looked into: masks lie in masks/ itself"));
        return names;
    }

    /// <summary>Makes sandboxes show a volume of the view, also if it is a link. False when the file that it leads to may not be seen, or is no volume.</summary>
    public static bool IsShown(VolumePaths paths, string file, FaultList<Fault> faults)
    {
        var (path, wrong) = paths.Resolve(file);
        if (path is not null && File.Exists(path))
            wrong = DeadLink.WhyOf(path) ?? paths.WhyNotShown(path);
        if (wrong is not null)
            faults.Add(new Fault(file, 0, 0, wrong));
        else if (File.Exists(path))
            paths.Show(path);
        return wrong is null;
    }

    /// <summary>Makes sandboxes show a table or site.yaml, also if it is a link, when it could be read as such.</summary>
    public static void Show(VolumePaths paths, string file, bool wasRead, FaultList<Fault> faults)
    {
        var (path, wrong) = paths.Resolve(file);
        if (path is null)
            faults.Add(new Fault(file, 0, 0, wrong!));
        else if (wasRead)
            paths.Show(path);
    }

    public static Grid? FindGrid(VolumePaths paths, SiteDeclaration site, IEnumerable<string> volumes, FaultList<Fault> faults)
    {
        var grid = site.TemplateFile is { } file ? Template(paths, file, faults) : volumes.Select(path => VolumeHeader.TryRead(path, out _)?.Grid).FirstOrDefault(found => found is not null);
        if (grid is not null && site.ResolutionMm is { } expected && Math.Abs(grid.ResolutionMm / expected - 1) > 0.01)
            faults.Add(new Fault(SiteDeclaration.File, 0, 0, FormattableString.Invariant($"resolution_mm is {expected}, but the grid's voxels are {grid.ResolutionMm:0.###} mm")));
        if (grid is not null && grid.ResolutionMm * Math.Max(grid.X, Math.Max(grid.Y, grid.Z)) is var extent and (< SmallestExtent or > LargestExtent))
            faults.Add(new Fault(site.TemplateFile is null ? DataView.PathsFile : SiteDeclaration.File, 0, 0, FormattableString.Invariant($"the site's grid is {extent:g3} mm wide, as no head is: the affine of the volume that it is taken from is in another unit than its xyzt_units says")));
        return grid;
    }

    /// <summary>The template that site.yaml lets people see behind maps. It is never a volume that paths.csv names, whatever is declared.</summary>
    public static string? FindShownTemplate(VolumePaths paths, SiteDeclaration site, IEnumerable<string> volumes, FaultList<Fault> faults)
    {
        if (!site.ShowsTemplate)
            return null;
        if (site.TemplateFile is not { } file)
        {
            faults.Add(new Fault(SiteDeclaration.File, 0, 0, "show_template needs a template_file"));
            return null;
        }

        // If the template_file cannot be read, the search for the grid has reported it already.
        if (paths.Resolve(file).Path is not { } path || !File.Exists(path))
            return null;
        var real = new RealPath();
        var template = real.Of(path);
        if (!volumes.Any(volume => real.Of(volume) == template))
            return path;
        faults.Add(new Fault(SiteDeclaration.File, 0, 0, "show_template: template_file is a volume of paths.csv, and no subject's volume is shown"));
        return null;
    }

    private static Grid? Template(VolumePaths paths, string file, FaultList<Fault> faults)
    {
        var (path, wrong) = paths.Resolve(file);
        wrong ??= path is null ? null : DeadLink.WhyOf(path);
        var grid = wrong is not null ? null : VolumeHeader.TryRead(path!, out wrong)?.Grid;
        if (grid is null)
            faults.Add(new Fault(SiteDeclaration.File, 0, 0, $"template_file {wrong}"));
        else
            paths.Show(path!);
        return grid;
    }
}
