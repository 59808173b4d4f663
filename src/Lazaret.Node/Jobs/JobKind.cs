namespace Lazaret.Node.Jobs;

/// <summary>The two kinds of question that a node answers.</summary>
public enum JobKind
{
    /// <summary>A question about the cohort: a map's scores against an outcome, a cross-validation, or the cohort's own R-map.</summary>
    Cohort,

    /// <summary>One patient's observations, put to a registered model.</summary>
    Diagnosis,
}
