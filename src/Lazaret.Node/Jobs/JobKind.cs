namespace Lazaret.Node.Jobs;

/// <summary>The two questions that a node answers.</summary>
public enum JobKind
{
    /// <summary>A map, scored against every subject and correlated with an outcome.</summary>
    Cohort,

    /// <summary>One patient's observations, put to a registered model.</summary>
    Diagnosis,
}
