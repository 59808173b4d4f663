namespace Lazaret.Cohort.Tables;

/// <summary>
/// What <c>site.yaml</c> says; every part is optional, and what is not said is derived from the tables.
/// <code>
/// template: MNI152NLin2009bAsym        # shown in the catalog
/// template_file: template.nii.gz       # the site's grid, relative to the view; otherwise the first volume's
/// show_template: true                  # stewards and requesters may see that volume behind maps; false by default
/// resolution_mm: 2                     # must be the grid's
/// variables:                           # only these may be filters or covariates
///   dx: {levels: [PD, OCD]}            # a category; other values in the table are faults
///   age: {bins: [18, 40, 60, 80]}      # a number; edges. A bin excludes its upper edge, except the last bin
/// volumes: [/srv/cohort/volumes]       # folders outside the view that are mounted as a whole, not file by file
/// outcomes:                            # only these may be asked for
///   UPDRS_change: {}
///   responder: {levels: [0, 1]}        # other values in the table are faults
/// families:                            # outcomes of which an answer about one tells something about the other
///   - [UPDRS_change, responder]
/// masks:                               # masks that are not zeros and ones
///   GPi: {above: 0.5}                  # inside where greater than this, in place of 0
/// parcellations: [networks]            # the parcels whose values may leave of an R-map: parcellations/networks.nii.gz; parcellations/networks.csv names its labels
/// missing: [n/a, NA, -999]             # what stands for a missing value, beside the empty field; n/a by default
/// separator: ";"                       # between fields, in place of the comma: ";" or "\t"
/// decimal: ","                         # before decimals, in place of the point
/// </code>
/// </summary>
public sealed record SiteDeclaration
{
    public const string File = "site.yaml";

    public string? Template { get; init; }

    public string? TemplateFile { get; init; }

    /// <summary>Whether the template is shown behind maps. Its values are those of a volume, and they leave the site in this way.</summary>
    public bool ShowsTemplate { get; init; }

    public double? ResolutionMm { get; init; }

    /// <summary>The folders of volumes outside the view, as absolute paths.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Null when the variables are derived.</summary>
    public IReadOnlyList<VariableDeclaration>? Variables { get; init; }

    /// <summary>Outcomes that disclosure control counts in one ledger, as it does with correlated ones.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Families { get; init; } = [];

    /// <summary>By mask: the value above which a voxel is inside; it is 0 for a mask that is not listed.</summary>
    public IReadOnlyDictionary<string, double> MaskThresholds { get; init; } = new Dictionary<string, double>();

    public IReadOnlyList<string> Parcellations { get; init; } = [];

    /// <summary>Null when every column of <c>outcomes.csv</c> is an outcome.</summary>
    public IReadOnlyList<OutcomeDeclaration>? Outcomes { get; init; }
}
