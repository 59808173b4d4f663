namespace Lazaret.SampleSite;

/// <summary>What was planted, and where: the answers that a node ought to come near to.</summary>
public sealed record PlantedTruth
{
    /// <summary>The data view, for <c>Data:View</c>.</summary>
    public required string View { get; init; }

    /// <summary>The requester's map that carries the effect.</summary>
    public required string Map { get; init; }

    /// <summary>A map that is orthogonal to the other, also inside each mask: its correlations are chance.</summary>
    public required string NullMap { get; init; }

    /// <summary>
    /// By outcome: the sample correlation of loading and outcome, in every diagnosis at every visit after baseline and over any union
    /// of these. Scores are loadings with a little noise, so that the R of <see cref="Map"/> comes within a few hundredths.
    /// </summary>
    public required IReadOnlyDictionary<string, double> Correlations { get; init; }

    /// <summary>By subject id: how strongly its connectivity follows the map.</summary>
    public required IReadOnlyDictionary<string, double> Loadings { get; init; }
}
