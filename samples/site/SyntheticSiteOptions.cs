namespace Lazaret.SampleSite;

/// <summary>What a synthetic site is to be like. The same options make the same data.</summary>
public sealed record SyntheticSiteOptions
{
    /// <summary>At least 20, of which three in five have PD.</summary>
    public int Subjects { get; init; } = 60;

    public int Seed { get; init; } = 1;

    /// <summary>Side of a voxel in mm, 1 to 6, on the box of the MNI152 template: 2 gives 91×109×91, 4 gives 46×55×46.</summary>
    public double VoxelMm { get; init; } = 4;

    /// <summary>The sample correlation of loading and UPDRS_change, −1 to 1.</summary>
    public double Correlation { get; init; } = 0.62;

    /// <summary>The share of subjects without one outcome, 0 to 0.3; each outcome lacks other subjects.</summary>
    public double MissingOutcomes { get; init; } = 0.08;

    /// <summary>Every option out of its range, with the range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (Subjects is < 20 or > 9_000)
            yield return "Subjects: 20 to 9000";
        if (VoxelMm is not (>= 1 and <= 6))
            yield return "VoxelMm: 1 to 6";
        if (Correlation is not (>= -1 and <= 1))
            yield return "Correlation: -1 to 1";
        if (MissingOutcomes is not (>= 0 and <= 0.3))
            yield return "MissingOutcomes: 0 to 0.3";
    }
}
