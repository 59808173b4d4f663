using Lazaret.Cohort.Statistics;

namespace Lazaret.Disclosure.Scores;

/// <summary>How far one subject moves a correlation (control C6). For the steward alone.</summary>
/// <param name="Largest">max |R − R₋ᵢ|.</param>
/// <param name="Lowest">The smallest R₋ᵢ.</param>
/// <param name="Highest">The largest R₋ᵢ.</param>
public sealed record Influence(double Largest, double Lowest, double Highest)
{
    /// <summary>R₋ᵢ = (R − αβ)/√((1 − α²)(1 − β²)), α = √(n/(n − 1))·uᵢ/‖u‖, β likewise for y. This is exact, and n correlations need not be computed.</summary>
    /// <returns>Null when a column is constant, or becomes so without a subject.</returns>
    public static Influence? Of(ReadOnlySpan<double> scores, ReadOnlySpan<double> outcome)
    {
        if (LeaveOneOut(scores, outcome) is not { } without || Pearson.Correlate(scores, outcome) is not Correlation.Defined(var r, _))
            return null;
        return new Influence(without.Max(value => Math.Abs(r - value)), without.Min(), without.Max());
    }

    /// <summary>R₋ᵢ of every subject.</summary>
    internal static double[]? LeaveOneOut(ReadOnlySpan<double> scores, ReadOnlySpan<double> outcome)
    {
        if (scores.Length < 4 || Pearson.Centre(scores) is not { } u || Pearson.Centre(outcome) is not { } z
            || Pearson.Correlate(scores, outcome) is not Correlation.Defined(var r, _))
            return null;
        var scale = Math.Sqrt(u.Length / (u.Length - 1.0));
        var without = new double[u.Length];
        for (var i = 0; i < u.Length; i++)
        {
            var (alpha, beta) = (scale * u[i], scale * z[i]);
            var left = (1 - alpha * alpha) * (1 - beta * beta);
            if (!(left > 1e-24))
                return null;
            without[i] = Math.Clamp((r - alpha * beta) / Math.Sqrt(left), -1, 1);
        }

        return without;
    }
}
