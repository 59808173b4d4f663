namespace Lazaret.Disclosure;

/// <summary>The controls that a policy can switch off, by these names. C0 to C9 are the numbers in docs/disclosure.md; each comment below says what the control does.</summary>
public enum DisclosureControlName
{
    /// <summary>Canonical query: maps are quantised before they are compared, and a stored answer is given again.</summary>
    C0,

    /// <summary>Minimum cohort: an answer is about at least so many subjects, and leaves out none or as many.</summary>
    C1,

    /// <summary>Differences: no two answered cohorts differ by few subjects, or by few changed outcomes.</summary>
    C2,

    /// <summary>Leverage: limits how much all answers together tell about one subject or a small group.</summary>
    C3,

    /// <summary>Bits: limits how many bits all answers together tell about the outcomes.</summary>
    C4,

    /// <summary>Winsorised scores: those far from the median are brought nearer.</summary>
    C5,

    /// <summary>Influence: the steward is shown how far one subject moves R.</summary>
    C6,

    /// <summary>Suitable outcomes: refuses outcomes that depend on few subjects, and extreme correlations.</summary>
    C7,

    /// <summary>p from the released R: if R has noise, p does not tell the true R.</summary>
    C8,

    /// <summary>Quota: limits how many queries a requester may ask in seven days.</summary>
    C9,

    /// <summary>Pairs: limits the leverage of the sum and of the difference of two subjects.</summary>
    Pairs,

    /// <summary>Stricter limits, and noise, for discrete outcomes; scores on a lattice are refused.</summary>
    Discrete,

    /// <summary>Families: related outcomes share one ledger.</summary>
    Families,

    /// <summary>A subject counts once, at whatever visits: a query must name one visit.</summary>
    People,

    /// <summary>Answers are shown on a tick.</summary>
    Tick,
}
