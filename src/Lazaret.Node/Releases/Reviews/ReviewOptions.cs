using Lazaret.Node.Configuration;

namespace Lazaret.Node.Releases.Reviews;

/// <summary>Which results wait for a steward before they leave, whatever the controls say.</summary>
public sealed record ReviewOptions
{
    /// <summary>Keys of projects whose results are held; * for all jobs. None.</summary>
    public IReadOnlyList<string> Projects { get; init; } = [];

    /// <summary>Tasks whose results are held. None.</summary>
    public IReadOnlyList<string> Tasks { get; init; } = [];

    /// <summary>Requesters whose results are held. None.</summary>
    public IReadOnlyList<string> Requesters { get; init; } = [];

    /// <summary>Whether a requester's first result is held. false.</summary>
    public bool FirstUse { get; init; }

    /// <summary>Whether results of visiting analyses are held: no control bounds what a hostile program can write into n, R and p. true.</summary>
    public bool VisitingAnalyses { get; init; } = true;

    /// <summary>Whether R-maps of a cohort (outcome_map_v1) are held, also where the ledger has room for all their parcels. true.</summary>
    public bool OutcomeMaps { get; init; } = true;

    /// <summary>After how many blocked results in a row a requester's next ones are held; 0 for never. 3; 0 to 1000.</summary>
    public int BlocksInARow { get; init; } = 3;

    /// <summary>How many stewards must approve. 1; 1 to 2.</summary>
    public int Approvals { get; init; } = 1;

    internal void Check(OptionFaults faults)
    {
        faults.Range("Disclosure:Review:BlocksInARow", BlocksInARow, 0, 1000);
        faults.Range("Disclosure:Review:Approvals", Approvals, 1, 2);
    }
}
