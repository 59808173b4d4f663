using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Disclosure;

/// <summary>
/// What the steward demands of a result before it may leave. Except for <see cref="MinimumCohort"/>, <see cref="Epsilon"/>, <see cref="RhoBudget"/> and
/// <see cref="Ledger"/>, each default is the loosest value allowed: it may be tightened, and a control is loosened only by switching it off by name, so that what a
/// site does without can be read in one place.
/// </summary>
public sealed record DisclosurePolicy
{
    public DisclosureProfile Profile { get; init; } = DisclosureProfile.Exact;

    /// <summary>k: the smallest number of subjects behind an answer (control C1). 3 to 1,000,000.</summary>
    public required int MinimumCohort { get; init; }

    /// <summary>Largest ℓ of a subject or small group: an attacker's correlation with an outcome stays below its root, 0.707. Up to 0.5.</summary>
    public double LeverageLimit { get; init; } = 0.5;

    /// <summary>Largest ℓ of a pair's sum or difference. Up to 0.75.</summary>
    public double PairLimit { get; init; } = 0.75;

    /// <summary>Like <see cref="LeverageLimit"/>, for discrete outcomes. Up to 0.20.</summary>
    public double DiscreteLeverageLimit { get; init; } = 0.20;

    /// <summary>With <see cref="LedgerScope.Project"/>, the largest ℓ over all projects together. Up to 0.8.</summary>
    public double SiteLimit { get; init; } = 0.8;

    /// <summary>c of <see cref="DisclosureProfile.Guarded"/>: noise as a multiple of 1/√(n − 1). From 0.25.</summary>
    public double Noise { get; init; } = 0.25;

    /// <summary>c for discrete outcomes in every profile. From 0.5.</summary>
    public double DiscreteNoise { get; init; } = 0.5;

    /// <summary>β of C4: the share of an outcome's entropy that answers may hold. Up to 0.5.</summary>
    public double BitsShare { get; init; } = 0.5;

    /// <summary>β for discrete outcomes. Up to 0.25.</summary>
    public double DiscreteBitsShare { get; init; } = 0.25;

    /// <summary>ε of an answer in <see cref="DisclosureProfile.Dp"/>. Above 0 to 10.</summary>
    public decimal Epsilon { get; init; } = 0.5m;

    /// <summary>Σρ of all answers about any of the same people, and of those of one project; an answer costs ε²/2. Above 0 to 100.</summary>
    public decimal RhoBudget { get; init; } = 2;

    public LedgerScope Ledger { get; init; } = LedgerScope.Site;

    /// <summary>Digits after the point in R and p. 1 to 3.</summary>
    public int Decimals { get; init; } = 3;

    /// <summary>The controls that are switched off.</summary>
    public IReadOnlySet<DisclosureControlName> Off { get; init; } = new HashSet<DisclosureControlName>();

    /// <summary>What R is rounded to.</summary>
    public double Step => Math.Pow(10, -Decimals);

    /// <summary>
    /// Whether a control acts. Under <see cref="DisclosureProfile.Dp"/>, controls that look at scores or outcomes do not: whether they refuse
    /// would itself tell something, and the noise protects instead.
    /// </summary>
    public bool Has(DisclosureControlName control) => !Off.Contains(control) && !(Profile == DisclosureProfile.Dp && LooksAtData(control));

    /// <summary>Whether the stricter rules for discrete outcomes hold for this outcome.</summary>
    public bool IsStrictFor(bool discrete) => discrete && Has(DisclosureControlName.Discrete);

    /// <summary>c: the noise on R in units of 1/√(n − 1).</summary>
    public double NoiseOf(bool discrete) => Math.Max(
        Profile == DisclosureProfile.Guarded ? Noise : 0,
        IsStrictFor(discrete) ? DiscreteNoise : 0);

    /// <summary>The limits of the ledger in which an answer counts first: the project's own with <see cref="LedgerScope.Project"/>, else the site's.</summary>
    /// <param name="entropy">H(y) in bits.</param>
    public LedgerLimits LimitsOf(bool discrete, double entropy) => Limits(IsStrictFor(discrete) ? DiscreteLeverageLimit : LeverageLimit, PairLimit, discrete, entropy);

    /// <summary>
    /// The limits over all projects together. A pair's limit is halfway between a subject's and 1, as 0.75 is for 0.5. A discrete outcome's limit is
    /// larger than a project's by the same factor as <see cref="SiteLimit"/>. Bits are counted only in the projects' ledgers.
    /// </summary>
    public LedgerLimits SiteLimitsOf(bool discrete)
    {
        var leverage = IsStrictFor(discrete) ? Math.Min(SiteLimit, DiscreteLeverageLimit * SiteLimit / LeverageLimit) : SiteLimit;
        return Limits(leverage, (1 + SiteLimit) / 2, discrete, double.PositiveInfinity);
    }

    /// <summary>All faults of the policy; empty when it can be used.</summary>
    public IReadOnlyList<PolicyFault> Faults() => PolicyCheck.Of(this);

    private static bool LooksAtData(DisclosureControlName control) => control is DisclosureControlName.C3 or DisclosureControlName.C4 or DisclosureControlName.C5
        or DisclosureControlName.C7 or DisclosureControlName.Pairs or DisclosureControlName.Discrete;

    private LedgerLimits Limits(double leverage, double pair, bool discrete, double entropy) => new()
    {
        Leverage = Has(DisclosureControlName.C3) ? leverage : double.PositiveInfinity,
        Pair = Has(DisclosureControlName.Pairs) ? pair : double.PositiveInfinity,
        MinimumCohort = MinimumCohort,
        BitsPerSubject = Has(DisclosureControlName.C4) ? (IsStrictFor(discrete) ? DiscreteBitsShare : BitsShare) * entropy : double.PositiveInfinity,
    };
}
