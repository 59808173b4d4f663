namespace Lazaret.Node.Cli.Site;

/// <summary>The files of an empty site, with what they mean beside them.</summary>
internal static class SiteTemplate
{
    private static readonly IReadOnlyDictionary<string, string> Files = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["subjects.csv"] = "subject_id,visit,dx,age,sex\n",
        ["outcomes.csv"] = "subject_id,visit,UPDRS_change\n",
        ["paths.csv"] = "subject_id,visit,conn_path\n",
        ["site.yaml"] = """
            # What may be asked of this site. Everything here is optional: what is not said is derived from the tables.

            # The template's name, as the catalog shows it, and the volume that gives the site's grid (otherwise the first one).
            # template: MNI152NLin2009bAsym
            # template_file: template.nii.gz
            # Whether those who ask and decide may see that volume behind maps. Say so only of a template: it is shown as it is.
            # show_template: true
            # resolution_mm: 2

            # Folders outside this one that hold volumes and that programs may see as a whole. Without it they see only the volumes' files.
            # volumes: [/srv/cohort/volumes]

            # Only these may be filters or covariates: categories with their levels, numbers with the edges of their bins.
            # variables:
            #   dx: {levels: [PD, OCD]}
            #   age: {bins: [18, 40, 60, 80]}

            # Only these may be outcomes; levels, where there are few, make every other value a fault.
            # outcomes:
            #   UPDRS_change: {}

            # Of the cohort's own R-map a value a parcel leaves: parcellations/networks.nii.gz, whose labels parcellations/networks.csv (index,name) names.
            # parcellations: [networks]

            """,
        ["README.md"] = """
            # A data view

            - subjects.csv: a line for each subject at each visit, with any attributes after subject_id and visit.
            - outcomes.csv: the same keys, then numbers; an empty cell is a missing outcome.
            - paths.csv: the same keys, then conn_path, relative to this folder: conn/sub-0001.nii.gz
            - masks/NAME.nii.gz: the masks that may be named in a request.

            Tables are joined on the exact text of subject_id and visit. Nothing is dropped silently:
            'lazaret site check' lists every problem with file, line and column.

            """,
    };

    public static void Write(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "masks"));
        Directory.CreateDirectory(Path.Combine(folder, "conn"));
        foreach (var (name, text) in Files)
            File.WriteAllText(Path.Combine(folder, name), text);
    }
}
