using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Nifti;

namespace Lazaret.Cohort.Tables;

/// <summary>
/// The site's data as one folder holds them: three tables joined on (subject_id, visit), masks, and the grid.
/// Bad content never throws: what is sound is used, and everything else is in <see cref="Faults"/>.
/// </summary>
public sealed class DataView
{
    internal const string SubjectsFile = "subjects.csv";
    internal const string OutcomesFile = "outcomes.csv";
    internal const string PathsFile = "paths.csv";

    /// <summary>A steward corrects the tables with this list, so it is long: twenty faults at a time would be tedious.</summary>
    internal const int MostFaults = 1000;

    private DataView(string directory) => Directory = directory;

    public string Directory { get; }

    /// <summary>Everything wrong that was found without opening volumes, in the order of the files.</summary>
    public FaultList<Fault> Faults { get; private init; } = new();

    /// <summary>Why a table or site.yaml was not read at all; null when each was.</summary>
    public Fault? Unread { get; private init; }

    /// <summary>Lines that are sound but have no matching line in another table, so that no job sees them.</summary>
    public FaultList<Fault> Notes { get; private init; } = new();

    /// <summary>Things that are read as they stand but are perhaps not meant so: values far from all others, columns that do not vary, rows that join to nothing.</summary>
    public IReadOnlyList<Fault> Findings { get; private init; } = [];

    /// <summary>How many lines of each table are sound, by the table's file.</summary>
    public IReadOnlyDictionary<string, int> Lines { get; private init; } = new Dictionary<string, int>();

    public SiteDeclaration Declaration { get; private init; } = new();

    /// <summary>Subjects at a visit that all three tables know and whose volume exists, in the order of subjects.csv.</summary>
    public IReadOnlyList<CohortRow> Rows { get; private init; } = [];

    /// <summary>Subjects at a visit that all three tables know but whose volume does not exist, such as all of them while their disk is not mounted.</summary>
    public IReadOnlyList<CohortRow> Absent { get; private init; } = [];

    /// <summary>One text per row, empty when missing, by column of subjects.csv; and <c>visit</c>.</summary>
    public IReadOnlyDictionary<string, string[]> Attributes { get; private init; } = new Dictionary<string, string[]>();

    /// <summary>One number per row, NaN when missing, by column of outcomes.csv.</summary>
    public IReadOnlyDictionary<string, double[]> Outcomes { get; private init; } = new Dictionary<string, double[]>();

    /// <summary>The masks' names, sorted.</summary>
    public IReadOnlyList<string> Masks { get; private init; } = [];

    /// <summary>The parcellations, in the order of site.yaml.</summary>
    public IReadOnlyList<Parcellation> Parcellations { get; private init; } = [];

    /// <summary>The grid of site.yaml's template, or of the first volume that can be read; null when there is neither.</summary>
    public Grid? Grid { get; private init; }

    /// <summary>The template's file, where the site shows it to those who may ask or decide; null otherwise.</summary>
    public string? ShownTemplate { get; private init; }

    /// <summary>The files and folders outside the view that <see cref="Rows"/> and masks name. A sandbox mounts these and nothing else.</summary>
    public IReadOnlyList<OutsidePath> Outside { get; private init; } = [];

    /// <summary>Whether a conn_path is absolute below the view's own folder, so that a program that takes it literally must see the view there.</summary>
    public bool HasAbsolutePaths { get; private init; }

    /// <summary>How many people have a row of which that holds; they are counted once, whatever their visits.</summary>
    public int CountSubjects(Func<int, bool> holds) => Enumerable.Range(0, Rows.Count).Where(holds).Select(row => Rows[row].SubjectId).Distinct(StringComparer.Ordinal).Count();

    /// <param name="hostDirectory">The view's path on the host, when this process sees it elsewhere.</param>
    /// <param name="hidden">The node's own folders, in which no volume may be.</param>
    public static DataView Open(string directory, string? hostDirectory = null, params IEnumerable<string> hidden)
    {
        directory = Path.GetFullPath(directory);
        var faults = new FaultList<Fault>(MostFaults);
        var yaml = new SiteYaml(faults);
        var format = yaml.ReadFormat(directory);
        var subjects = CsvTable.Read(directory, SubjectsFile, ["subject_id", "visit"], format, faults);
        var outcomes = CsvTable.Read(directory, OutcomesFile, ["subject_id", "visit"], format, faults);
        var paths = CsvTable.Read(directory, PathsFile, ["subject_id", "visit", "conn_path"], format, faults);
        foreach (var extra in paths.Columns.Except(["subject_id", "visit", "conn_path"], StringComparer.Ordinal))
            faults.Add(new Fault(PathsFile, 1, paths.IndexOf(extra) + 1, $"unknown column {Quoted.Bare(extra)}"));
        var declaration = yaml.Read(subjects, outcomes);

        string[] torn = [.. ((CsvTable[])[subjects, outcomes, paths]).Where(table => !table.IsRead).Select(table => table.File), .. yaml.IsTorn ? [SiteDeclaration.File] : (string[])[]];
        var unread = faults.FirstOrDefault(fault => torn.Contains(fault.File));

        var volumes = new VolumePaths(directory, Path.GetFullPath(hostDirectory ?? directory), hidden);
        volumes.Allow(declaration.Volumes, faults);
        var join = new TableJoin(subjects, outcomes, paths, volumes, faults);
        var found = join.FindVolumes();
        var joined = join.Join(found);
        faults.AddRange(SiteFiles.Misnamed(directory));
        var masks = SiteFiles.Masks(directory, faults).Where(mask => SiteFiles.IsShown(volumes, SiteFiles.MaskFile(mask), faults)).ToList();
        foreach (var name in declaration.MaskThresholds.Keys.Except(masks, StringComparer.Ordinal))
            faults.Add(new Fault(SiteDeclaration.File, 0, 0, $"masks: there is no mask {Quoted.Bare(name)}"));
        var parcellations = Parcellation.Read(directory, declaration.Parcellations, format, volumes, faults);
        // If these are links, a sandbox must show the files that they lead to.
        foreach (var table in (CsvTable[])[subjects, outcomes, paths])
            SiteFiles.Show(volumes, table.File, table.IsRead, faults);
        SiteFiles.Show(volumes, SiteDeclaration.File, yaml.IsRead, faults);
        foreach (var row in joined)
            volumes.Show(row.Row.VolumePath);
        var grid = SiteFiles.FindGrid(volumes, declaration, found.Values, faults);
        var template = SiteFiles.FindShownTemplate(volumes, declaration, found.Values, faults);
        join.AddNearMisses();
        foreach (var name in subjects.Columns.Intersect(outcomes.Columns, StringComparer.Ordinal).Where(name => name is not ("" or "subject_id" or "visit") && declaration.Outcomes?.Any(outcome => outcome.Name == name) != false))
            faults.Add(new Fault(OutcomesFile, 1, outcomes.IndexOf(name) + 1, $"{Quoted.Bare(name)} is a column of {SubjectsFile} too, there in place {subjects.IndexOf(name) + 1}: which of them a question means is not clear, so give one another name"));
        var attributes = TableColumns.Attributes(subjects, [.. joined.Select(row => row.Subject)], declaration, faults);
        return new DataView(directory)
        {
            Declaration = declaration,
            Rows = [.. joined.Select(row => row.Row)],
            Absent = join.Absent(),
            Attributes = attributes,
            Outcomes = TableColumns.Outcomes(outcomes, [.. joined.Select(row => row.Outcome)], declaration, faults),
            Masks = masks,
            Parcellations = parcellations,
            Grid = grid,
            ShownTemplate = template,
            Outside = volumes.Outside,
            HasAbsolutePaths = volumes.HasAbsolute,
            Faults = faults,
            Unread = unread,
            Notes = join.Notes(MostFaults),
            Findings = [.. TableFindings.Of(subjects, declaration), .. TableFindings.Of(outcomes, declaration), .. join.Lost()],
            Lines = ((CsvTable[])[subjects, outcomes, paths]).ToDictionary(table => table.File, table => table.Lines.Count, StringComparer.Ordinal),
        };
    }

    /// <summary>A name for what the view holds now, independent of its path: <see cref="DataVersion"/>.</summary>
    /// <exception cref="IOException">A file of it cannot be read.</exception>
    public string Version() => DataVersion.Of(this);

    /// <summary>The file of a known mask.</summary>
    public string MaskPath(string name) =>
        Masks.Contains(name) ? Path.Combine(Directory, SiteFiles.MaskFile(name)) : throw new ArgumentException("No such mask.", nameof(name));
}
