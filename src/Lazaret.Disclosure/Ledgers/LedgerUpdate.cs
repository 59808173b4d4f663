namespace Lazaret.Disclosure.Ledgers;

/// <summary>What adding some charges does to a ledger: S ← S − Σ ggᵀ/d.</summary>
/// <param name="Version">The ledger's version when the update was made. It does not fit a ledger that has changed since.</param>
/// <param name="Steps">For each row: g in the ledger's coordinates, and d = wᵀg + v.</param>
/// <param name="Over">For each row: g over all subjects.</param>
/// <param name="Beyond">The directions that must be added to the basis.</param>
/// <param name="Leverages">ℓ of every subject after the update.</param>
internal sealed record LedgerUpdate(
    long Version, IReadOnlyList<(double[] G, double D)> Steps, double[][] Over, IReadOnlyList<double[]> Beyond, double[] Leverages, double Bits, SubjectSet Reached)
{
    /// <summary>Σ (Σ g over the subjects)²/d: by how much the variance of the subjects' sum falls.</summary>
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

    /// <summary>Σ gᵢgⱼ/d: how much is subtracted from the covariance of two subjects.</summary>
    public double Loss(int i, int j)
    {
        var loss = 0.0;
        for (var t = 0; t < Over.Length; t++)
            loss += Over[t][i] * Over[t][j] / Steps[t].D;
        return loss;
    }
}
