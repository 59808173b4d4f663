namespace Lazaret.Node.Cohorts.Views;

/// <summary>The data that the site shares.</summary>
public sealed record DataOptions
{
    /// <summary>The folder of the data view, read only; empty for a node that only diagnoses. data/read_only.</summary>
    public string View { get; init; } = "data/read_only";
}
