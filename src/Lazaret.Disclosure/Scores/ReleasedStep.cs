namespace Lazaret.Disclosure.Scores;

/// <summary>How finely an answer tells R, for the ledger.</summary>
public static class ReleasedStep
{
    /// <summary>
    /// The step when R and the true p are released, both rounded to <paramref name="step"/>. p tells R more finely by the factor dp/dR = 2√(n − 1)·φ(z),
    /// z = R√(n − 1). Under independence the mean of the factor's logarithm is the logarithm of 2√(n − 1)/√(2πe): the bits that p adds on average.
    /// </summary>
    public static double WithTrueP(double step, int n) => step / Math.Max(1, 2 * Math.Sqrt((n - 1) / (2 * Math.PI * Math.E)));
}
