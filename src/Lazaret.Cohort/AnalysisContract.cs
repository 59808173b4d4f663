namespace Lazaret.Cohort;

/// <summary>
/// What an analysis in a sandbox is told, and by which names: variables of its environment, and files of its work folder. They are those of the
/// Python starter, so that its programs run unchanged; <c>docs/analyses.md</c> says what each holds.
/// </summary>
public static class AnalysisContract
{
    /// <summary>The task of the analysis that is built in: a map's scores against an outcome.</summary>
    public const string MapToOutcome = "map_to_outcome_v1";

    /// <summary>The task of the second: how well connectivity predicts an outcome, without a map.</summary>
    public const string CrossValidate = "cross_validate_v1";

    /// <summary>The task of the third: the cohort's own R-map, one value per parcel.</summary>
    public const string OutcomeMap = "outcome_map_v1";

    /// <summary>The tasks that are built in: no analysis has to be registered for them.</summary>
    public static IReadOnlyList<string> BuiltIn { get; } = [MapToOutcome, CrossValidate, OutcomeMap];

    public const string MapFile = "map.nii.gz";
    public const string FoldsFile = "folds.json";
    public const string MaskFile = "mask.nii.gz";
    public const string RowsFile = "rows.csv";
    public const string ValuesFile = "values.csv";
    public const string ResultFile = "result.json";
    public const string ScoresFile = "scores.bin";

    public const string DataDirectory = "DATA_DIR";
    public const string MapPath = "MAP_PATH";
    public const string OutJson = "OUT_JSON";
    public const string Outcome = "OUTCOME";
    public const string MaskName = "MASK_NAME";
    public const string MaskPath = "MASK_PATH";
    public const string Rows = "ROWS";
    public const string Values = "VALUES";
    public const string Score = "SCORE";
    public const string Stat = "STAT";
    public const string Filters = "FILTERS";
    public const string Covariates = "COVARIATES";

    /// <summary>For the built-in analysis alone: where the view lies on the host, since paths.csv may be absolute.</summary>
    public const string DataHostDirectory = "DATA_HOST_DIR";

    /// <summary>For the built-in analysis alone: the matrix of all volumes, where there is one.</summary>
    public const string CohortStore = "COHORT_STORE";

    /// <summary>For the built-in analysis alone: the null model that is asked for, where there is one, and the blocks of its permutations.</summary>
    public const string Null = "NULL";

    /// <inheritdoc cref="Null"/>
    public const string Within = "WITHIN";

    /// <summary>
    /// For the built-in analysis alone: how many surrogates of the map are scored beside it, or in how many orders of the outcomes a cross-validation is made again, and the seed of their
    /// draws in hexadecimal digits.
    /// </summary>
    public const string Draws = "DRAWS";

    /// <inheritdoc cref="Draws"/>
    public const string DrawSeed = "DRAW_SEED";

    /// <summary>For the built-in analysis alone: how rows are left out of a cross-validation, which has no map.</summary>
    public const string Cv = "CV";

    /// <summary>For the built-in analysis alone: a JSON list of the fold of each row, which the node has drawn.</summary>
    public const string Folds = "FOLDS";

    /// <summary>For the built-in analysis alone: the parcellation whose parcels the answer is about, where R-maps are asked for (these queries have no map either), and how many voxels a parcel must have to be in the answer.</summary>
    public const string Parcellation = "PARCELLATION";

    /// <inheritdoc cref="Parcellation"/>
    public const string ParcelVoxels = "PARCEL_VOXELS";

    /// <summary>For the built-in analysis alone: where to write the scores (<see cref="ScoreFile"/>), in place of an answer.</summary>
    public const string OutScores = "OUT_SCORES";
}
