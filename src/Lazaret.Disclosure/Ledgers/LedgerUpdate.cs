namespace Lazaret.Disclosure.Ledgers;

/// <summary>What adding some charges does to a ledger: S ← S − Σ ggᵀ/d.</summary>
/// <param name="Version">The ledger's when it was made; later it is worth nothing.</param>
/// <param name="Steps">g in the ledger's coordinates, and d = wᵀg + v.</param>
/// <param name="Over">g over all subjects.</param>
/// <param name="Beyond">Directions that the coordinates need in addition.</param>
/// <param name="Leverages">ℓ of everybody afterwards.</param>
internal sealed record LedgerUpdate(
    long Version, IReadOnlyList<(double[] G, double D)> Steps, double[][] Over, IReadOnlyList<double[]> Beyond, double[] Leverages, double Bits, SubjectSet Reached)
{
    /// <summary>Σ (Σ g over the subjects)²/d: what the variance of their sum loses.</summary>
    public double LossOfSum(IReadOnlyList<int> subjects)
    {
        var loss = 0.0;
        for (var t = 0; t < Over.Length; t++)
        {
            var sum = 0.0;
            foreach (var subject in subjects)
                sum += Over[t][subject];
            loss += sum * sum / Steps[t].D;
        }

        return loss;
    }

    /// <summary>Σ gᵢgⱼ/d: what a covariance loses.</summary>
    public double Loss(int i, int j)
    {
        var loss = 0.0;
        for (var t = 0; t < Over.Length; t++)
            loss += Over[t][i] * Over[t][j] / Steps[t].D;
        return loss;
    }
}
