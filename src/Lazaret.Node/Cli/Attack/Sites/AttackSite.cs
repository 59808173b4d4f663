using System.Globalization;
using Lazaret.Cohort.Nifti;
using Lazaret.Cohort.Tables;
using Lazaret.Node.Sandboxes.Confinement;

namespace Lazaret.Node.Cli.Attack.Sites;

/// <summary>A data view that holds the cohorts of all attacks beside each other.</summary>
internal sealed class AttackSite(string folder, IReadOnlyList<SeededCohort> cohorts)
{
    public const string Baseline = "bl";

    /// <summary>Columns whose one level is <see cref="Level"/>; what it means is the attack's affair.</summary>
    public static readonly IReadOnlyList<string> Groups = [.. Enumerable.Range(1, ScanLayout.Blocks).Select(Group), .. Enumerable.Range(1, ScanLayout.Blocks).Select(Other)];

    /// <summary>Of <see cref="ScanLayout.Parcels"/>.</summary>
    public const string Parcellation = "texture";

    public const string Level = "yes";

    private const string Subjects = "subjects.csv";
    private const string Outcomes = "outcomes.csv";
    private const string Paths = "paths.csv";

    private static readonly string[] FollowUps = ["m6", "m12"];

    public static IReadOnlyList<string> AllVisits { get; } = [Baseline, .. FollowUps];

    public string View { get; } = Path.Combine(folder, "view");

    public static string Group(int number) => $"g{number}";

    public static string Other(int number) => $"h{number}";

    public void Write(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(View, "scans"));
        Write(Subjects, ["sex", "age", .. Groups], (cohort, member, column) => cohort.Attributes.GetValueOrDefault(column)?[member]);
        WriteOutcomes();
        Write(Paths, ["conn_path"], (cohort, member, _) => ScanOf(cohort, member));
        File.WriteAllLines(Path.Combine(View, SiteDeclaration.File),
        [
            "variables:",
            $"  visit: {{levels: [{string.Join(", ", AllVisits)}]}}",
            "  sex: {levels: [F, M]}",
            $"  age: {{bins: [{string.Join(", ", Enumerable.Range(0, 13).Select(bin => 18 + (6 * bin)))}]}}",
            .. Groups.Select(group => $"  {group}: {{levels: [\"{Level}\"]}}"),
            $"parcellations: [{Parcellation}]",
        ]);
        WriteParcels();
        foreach (var cohort in cohorts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var member = 0; member < cohort.DifferentScans; member++)
                NiftiWriter.Write(Path.Combine(View, ScanOf(cohort, member)), new NiftiVolume(ScanLayout.Grid, 1, cohort.Scans[member]));
        }

        SharedFile.MakeReadable([folder, View, .. Directory.EnumerateFileSystemEntries(View, "*", SearchOption.AllDirectories)]);
    }

    /// <summary>Writes the outcomes as the cohorts now say who has one. The node reads the file again.</summary>
    public void WriteOutcomes()
    {
        string[] outcomes = [.. cohorts.Select(cohort => cohort.Outcome), .. cohorts.SelectMany(cohort => cohort.Related.Keys)];
        Write(Outcomes, outcomes, (cohort, member, column) =>
            cohort.Outcome == column ? Text(cohort.HasOutcome[member] ? cohort.Values[member] : null) : Text(cohort.Related.GetValueOrDefault(column)?[member]));
        SharedFile.MakeReadable([Path.Combine(View, Outcomes)]);
    }

    private void WriteParcels()
    {
        var beside = Directory.CreateDirectory(Path.Combine(View, "parcellations")).FullName;
        File.WriteAllLines(Path.Combine(beside, $"{Parcellation}.csv"), Enumerable.Range(1, ScanLayout.Parcels).Select(label => $"{label},parcel {label}").Prepend("index,name"));
        var labels = new float[ScanLayout.Voxels];
        for (var parcel = 0; parcel < ScanLayout.Parcels; parcel++)
            labels.AsSpan(ScanLayout.Parcel(parcel)).Fill(parcel + 1);
        using var file = File.Create(Path.Combine(beside, $"{Parcellation}.nii.gz"));
        NiftiWriter.Write(file, new NiftiVolume(ScanLayout.Grid, 1, labels), compress: true);
    }

    private void Write(string file, string[] columns, Func<SeededCohort, int, string, string?> value)
    {
        var lines =
            from cohort in cohorts
            from member in Enumerable.Range(0, cohort.Size)
            from visit in cohort.Visits
            select $"{cohort.Outcome}-{member},{visit},{string.Join(',', columns.Select(column => value(cohort, member, column)))}";
        // In one step, so that the node never reads half of it.
        var next = Path.Combine(folder, $"{file}.next");
        File.WriteAllLines(next, lines.Prepend($"subject_id,visit,{string.Join(',', columns)}"));
        File.Move(next, Path.Combine(View, file), overwrite: true);
    }

    private static string ScanOf(SeededCohort cohort, int member) => $"scans/{cohort.Outcome}-{member % cohort.DifferentScans}.nii";

    private static string? Text(double? value) => value?.ToString("F4", CultureInfo.InvariantCulture);
}
