namespace Lazaret.Disclosure;

/// <summary>How answers are made safe.</summary>
public enum DisclosureProfile
{
    /// <summary>The value itself, rounded. Ledgers count what it tells.</summary>
    Exact,

    /// <summary>Keyed Gaussian noise of standard deviation c/√(n − 1) on a correlation. Ledgers count what it tells.</summary>
    Guarded,

    /// <summary>Differential privacy by integer noise on rank statistics.</summary>
    Dp,
}
