namespace Lazaret.Disclosure;

/// <summary>The controls that a policy can switch off, by these names.</summary>
public enum DisclosureControlName
{
    /// <summary>Canonical query: map quantised, answers stored.</summary>
    C0,

    /// <summary>Minimum cohort.</summary>
    C1,

    /// <summary>Differences between cohorts.</summary>
    C2,

    /// <summary>Leverage of subjects and groups.</summary>
    C3,

    /// <summary>Bits.</summary>
    C4,

    /// <summary>Winsorised scores.</summary>
    C5,

    /// <summary>Influence, shown to the steward.</summary>
    C6,

    /// <summary>Suitable outcomes, and no extreme correlation.</summary>
    C7,

    /// <summary>p from the released R.</summary>
    C8,

    /// <summary>Quota of queries.</summary>
    C9,

    /// <summary>Leverage of pairs.</summary>
    Pairs,

    /// <summary>Stricter limits for discrete outcomes.</summary>
    Discrete,

    /// <summary>One ledger for related outcomes.</summary>
    Families,
}
