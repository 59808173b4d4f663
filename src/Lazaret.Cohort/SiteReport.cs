using Lazaret.Cohort.Faults;
using Lazaret.Cohort.Tables;

namespace Lazaret.Cohort;

/// <summary>What <c>lazaret site check</c> found: what is wrong, what may not be meant so, and how much there is.</summary>
public sealed record SiteReport
{
    /// <summary>What takes no part in any job, or must not be as it is.</summary>
    public required FaultList<Fault> Faults { get; init; }

    /// <summary>What is used as it stands, and a steward should look at.</summary>
    public required IReadOnlyList<Fault> Findings { get; init; }

    /// <summary>Sound lines of each table, by its file.</summary>
    public required IReadOnlyDictionary<string, int> Lines { get; init; }

    /// <summary>Subjects at a visit that all three tables know.</summary>
    public required int Joined { get; init; }

    /// <summary>What the tables offer as filter or covariate, by name, and as what it is read.</summary>
    public required IReadOnlyList<Variable> Variables { get; init; }

    /// <summary>By outcome: joined rows that have it and a volume that can be used; without one nobody takes part in a question.</summary>
    public required IReadOnlyDictionary<string, int> Outcomes { get; init; }

    /// <summary>Joined rows whose volume can be used.</summary>
    public required int Volumes { get; init; }

    /// <summary>By mask: voxels inside it, on the site's grid; masks that cannot be used are not here.</summary>
    public required IReadOnlyDictionary<string, int> Masks { get; init; }

    /// <summary>By parcellation: parcels with a voxel on the site's grid; those that cannot be used are not here.</summary>
    public required IReadOnlyDictionary<string, int> Parcellations { get; init; }

    /// <summary>Lines of some table that join to nothing.</summary>
    public required int Lost { get; init; }
}
