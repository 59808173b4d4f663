namespace Lazaret.Disclosure.Scores;

/// <summary>How finely an answer tells R, for the ledger.</summary>
public static class ReleasedStep
{
    /// <summary>
    /// R and the true p, both rounded to <paramref name="step"/>. p tells R by dp/dR = 2√(n − 1)·φ(z), z = R√(n − 1), times finer; under
    /// independence the mean of its logarithm is that of 2√(n − 1)/√(2πe): what p adds, in bits, on average.
    /// </summary>
    public static double WithTrueP(double step, int n) => step / Math.Max(1, 2 * Math.Sqrt((n - 1) / (2 * Math.PI * Math.E)));
}
