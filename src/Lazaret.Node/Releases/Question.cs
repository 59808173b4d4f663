using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases;

/// <summary>One map's question with its answer, before anybody looked at what was released earlier.</summary>
/// <param name="Query">SHA-256 of the canonical query on this state of the data.</param>
/// <param name="DataVersion">That state.</param>
/// <param name="Outcome">The outcome's name.</param>
/// <param name="Subjects">The subjects behind the answer, in the order of the rows' weights.</param>
/// <param name="Rule">The control that withholds the answer, whatever was released before; null for none.</param>
/// <param name="Rows">What it tells, with one weight per subject; none when there is no answer, and when no ledger counts it.</param>
/// <param name="Answer">What would leave, as JSON.</param>
internal sealed record Question(
    string Query, string DataVersion, string Outcome, IReadOnlyList<string> Subjects, BlockRule? Rule, IReadOnlyList<LedgerRow> Rows, byte[] Answer)
{
    /// <summary>The outcome of each subject; empty where a program that the node did not write answered.</summary>
    public IReadOnlyList<double> Values { get; init; } = [];

    /// <summary>Outcomes that it takes out as covariates: the answer tells of them, too, and is charged for them.</summary>
    public IReadOnlyList<string> AlsoTold { get; init; } = [];

    /// <summary>Of each of these, its value for each subject.</summary>
    public IReadOnlyList<IReadOnlyList<double>> AlsoValues { get; init; } = [];

    /// <summary>Those outcomes of which it tells that are discrete in its cohort.</summary>
    public IReadOnlyList<string> Discrete { get; init; } = [];

    /// <inheritdoc cref="LedgerCharge.Bits"/>
    public double Bits { get; init; }

    /// <summary>What it costs of a privacy budget; 0 outside the profile dp.</summary>
    public decimal Rho { get; init; }

    /// <summary>How many scores were brought nearer to the median; for the steward.</summary>
    public int Clipped { get; init; }

    /// <summary>How far a single subject moves R; for the steward.</summary>
    public double? Influence { get; init; }

    /// <summary>Whether a ledger counts it. False under differential privacy (the noise bounds it), for visiting programs, and when it would need too many rows.</summary>
    public bool HasRow { get; init; } = true;

    /// <summary>Whether a steward must see it, since no ledger counts it.</summary>
    public bool IsUncounted { get; init; }
}

/// <summary>Outcomes that share one ledger. The answers tell something about at least one of them.</summary>
/// <param name="Outcomes">All of them, sorted.</param>
/// <param name="IsDiscrete">Whether any is: the ledger then keeps to the strictest limits.</param>
/// <param name="Entropy">Of the outcome that answers tell of; the smallest, where they tell of several.</param>
internal sealed record ToldFamily(IReadOnlyList<string> Outcomes, bool IsDiscrete, double Entropy);

/// <summary>An outcome of which answers tell: the one that is asked about, or one that is taken out as a covariate.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Relatives">The outcomes to which it is related in the data, itself among them: they share a ledger.</param>
/// <param name="Entropy">In bits.</param>
internal sealed record ToldOutcome(string Name, IReadOnlyList<string> Relatives, double Entropy);
