using System.Globalization;

namespace Lazaret.SampleSite;

/// <summary>The text files of the view: three tables and the site's declaration.</summary>
internal static class SiteTables
{
    public const string Volumes = "conn";
    public const string Template = "template.nii.gz";
    public const string PlantedOutcome = "UPDRS_change";
    public const string UnrelatedOutcome = "YBOCS_change";
    private const string Baseline = "baseline";

    public static string VolumeOf(SyntheticSubject subject) => $"{Volumes}/{subject.Id}.nii.gz";

    public static void Write(string view, IReadOnlyList<SyntheticSubject> subjects, SyntheticSiteOptions options)
    {
        string[] visits = [Baseline, .. SyntheticCohort.FollowUpVisits];
        Write("subjects.csv", "subject_id,visit,dx,age,sex",
            from subject in subjects from visit in visits select $"{subject.Id},{visit},{subject.Diagnosis},{subject.Age},{subject.Sex}");
        // There is no change at baseline: its fields are empty, as in the tables of a real study.
        Write("outcomes.csv", $"subject_id,visit,{PlantedOutcome},{UnrelatedOutcome}",
            from subject in subjects
            from followUp in subject.FollowUps.Prepend(new FollowUp(Baseline, null, null))
            select $"{subject.Id},{followUp.Visit},{Text(followUp.UpdrsChange)},{Text(followUp.YbocsChange)}");
        Write("paths.csv", "subject_id,visit,conn_path",
            from subject in subjects from visit in visits select $"{subject.Id},{visit},{VolumeOf(subject)}");
        Write("site.yaml",
            """
            # Synthetic: no volume and no row belongs to anybody.
            template: MNI152 (synthetic)
            """,
            [
                $"""
                template_file: {Template}
                show_template: true
                """,
                string.Create(CultureInfo.InvariantCulture, $"resolution_mm: {options.VoxelMm}"),
                $$"""
                variables:
                  dx: {levels: [PD, OCD, ET]}
                  visit: {levels: [{{string.Join(", ", visits)}}]}
                  sex: {levels: [F, M]}
                  age: {bins: [15, 30, 45, 60, 75, 90]}
                outcomes:
                  {{PlantedOutcome}}: {}
                  {{UnrelatedOutcome}}: {}
                """,
            ]);

        void Write(string file, string head, IEnumerable<string> lines) =>
            File.WriteAllText(Path.Combine(view, file), string.Join('\n', lines.Prepend(head)) + "\n");
    }

    private static string Text(double? value) => value?.ToString("F3", CultureInfo.InvariantCulture) ?? "";
}
