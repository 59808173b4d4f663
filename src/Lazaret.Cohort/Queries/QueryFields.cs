namespace Lazaret.Cohort.Queries;

/// <summary>A query as it arrives: the text of each form field, null where there is none. A text that is empty counts as none.</summary>
public sealed record QueryFields
{
    /// <summary>What is asked. Where nobody says it, the fields do: a parcellation is the R-map's, and folds are a cross-validation's.</summary>
    public Question? Asked { get; init; }

    public string? Outcome { get; init; }

    public string? Score { get; init; }

    public string? Stat { get; init; }

    public string? Alternative { get; init; }

    public string? Mask { get; init; }

    /// <summary>
    /// A JSON object from variable to condition. Category: a level or a list of levels. Number: <c>{"min":…,"max":…}</c>, both declared
    /// edges, at least one given; min is included, max is not, unless it is the last edge. A missing bound is the first or last edge.
    /// </summary>
    public string? Filters { get; init; }

    /// <summary>Names of variables or outcomes, separated by commas.</summary>
    public string? Covariates { get; init; }

    /// <summary>The null model that the correlation is compared with, besides independence; null for none.</summary>
    public string? Null { get; init; }

    /// <summary>How rows are left out, where the question is how well connectivity predicts the outcome; there is no map then.</summary>
    public string? Cv { get; init; }

    /// <summary>The parcellation, where the question asks for the cohort's R-map; there is no map then.</summary>
    public string? Parcellation { get; init; }

    /// <summary>A category: outcomes are given away among those of one level alone, or the rows of one level are left out together.</summary>
    public string? Within { get; init; }
}
