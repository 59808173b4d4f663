using System.Numerics.Tensors;

namespace Lazaret.Disclosure.Ledgers;

/// <summary>One linear combination of the cohort's outcomes that a release tells, up to noise.</summary>
public sealed class LedgerRow
{
    /// <summary>The variance with which a mean counts as told: almost 0, since an attacker is assumed to know it.</summary>
    public const double KnownVariance = 1e-6;

    internal LedgerRow(double[] weights, double variance, bool isKnown) => (Weights, Variance, IsKnown) = (weights, variance, isKnown);

    /// <summary>A unit vector: one weight per subject of the cohort, in the order of their indices.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>The variance of the noise and rounding on it, in units in which an outcome's prior variance is 1.</summary>
    public double Variance { get; }

    /// <summary>Whether the combination is assumed to be known beforehand. Then it adds to leverages, and costs no bits.</summary>
    public bool IsKnown { get; }

    /// <summary>The row of a correlation with the scores <paramref name="u"/>, which are centred, as they were used; their scale does not matter.</summary>
    /// <param name="variance">As <see cref="ScoreVariance"/> returns it.</param>
    /// <returns>Null when the scores have no length, or are not finite.</returns>
    public static LedgerRow? Of(ReadOnlySpan<double> u, double variance)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(variance);
        return Unit(u) is { } weights ? new LedgerRow(weights, variance, isKnown: false) : null;
    }

    /// <summary>The row of the cohort's mean: 1/√n for each of its <paramref name="n"/> subjects.</summary>
    public static LedgerRow Mean(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        var weights = new double[n];
        Array.Fill(weights, 1 / Math.Sqrt(n));
        return new LedgerRow(weights, KnownVariance, isKnown: true);
    }

    /// <summary>The row of one block's mean: 1/√m for its m <paramref name="members"/>, 0 for the others. Permuting within blocks tells their means.</summary>
    public static LedgerRow BlockMean(ReadOnlySpan<bool> members)
    {
        var weights = new double[members.Length];
        for (var i = 0; i < weights.Length; i++)
            weights[i] = members[i] ? 1 : 0;
        return new LedgerRow(Unit(weights) ?? throw new ArgumentException("The block is empty.", nameof(members)), KnownVariance, isKnown: true);
    }

    /// <summary>The same row for subjects in another order.</summary>
    /// <param name="places">For each subject, its place in this row.</param>
    public LedgerRow InOrder(IReadOnlyList<int> places) => new([.. places.Select(place => Weights[place])], Variance, IsKnown);

    /// <summary>The variance of a row of scores, n·(step²/12 + σ²): a correlation is uᵀz/(‖u‖√n), so that its rounding and noise weigh √n times as much on uᵀz/‖u‖.</summary>
    /// <param name="n">Subjects in the cohort.</param>
    /// <param name="step">What the answer is rounded to, such as 0.001.</param>
    /// <param name="sigma">Standard deviation of the noise on it; 0 for none.</param>
    public static double ScoreVariance(int n, double step, double sigma) => n * (step * step / 12 + sigma * sigma);

    private static double[]? Unit(ReadOnlySpan<double> u)
    {
        var largest = u.IsEmpty ? 0 : TensorPrimitives.MaxMagnitude(u);
        if (!(Math.Abs(largest) > 0 && double.IsFinite(largest)))
            return null;
        var unit = new double[u.Length];
        TensorPrimitives.Divide(u, largest, unit);
        // The largest value may be negative; this gives every weight its own sign back.
        TensorPrimitives.Divide(unit, Math.Sign(largest) * TensorPrimitives.Norm<double>(unit), unit);
        return unit;
    }
}
