namespace Lazaret.Disclosure.Outcomes;

/// <summary>What the rules need to know about an outcome's values: which they are, not whose.</summary>
/// <param name="Known">How many subjects have it.</param>
/// <param name="Levels">How many distinct values there are.</param>
/// <param name="Minority">How many subjects have the rarest value.</param>
/// <param name="SmallestGap">The smallest difference of two distinct values; infinite with fewer than two.</param>
/// <param name="StandardDeviation">The standard deviation, with divisor n − 1.</param>
/// <param name="Entropy">H(y) of the values as they are distributed, in bits.</param>
public sealed record OutcomeTraits(int Known, int Levels, int Minority, double SmallestGap, double StandardDeviation, double Entropy)
{
    private const int FewLevels = 8;

    /// <param name="values">One per subject; NaN where it is missing.</param>
    public static OutcomeTraits Of(IEnumerable<double> values)
    {
        double[] known = [.. values.Where(double.IsFinite)];
        var mean = known.Length == 0 ? 0 : known.Average();
        var squares = known.Sum(value => (value - mean) * (value - mean));
        // After sorting, equal values lie beside each other.
        Array.Sort(known);
        var (counts, gap) = (new List<int>(), double.PositiveInfinity);
        for (var i = 0; i < known.Length; i++)
        {
            if (i > 0 && known[i] == known[i - 1])
            {
                counts[^1]++;
                continue;
            }

            counts.Add(1);
            if (i > 0)
                gap = Math.Min(gap, known[i] - known[i - 1]);
        }

        return new OutcomeTraits(
            known.Length,
            counts.Count,
            counts.Count == 0 ? 0 : counts.Min(),
            gap,
            known.Length < 2 ? 0 : Math.Sqrt(squares / (known.Length - 1)),
            counts.Sum(count => -(double)count / known.Length * Math.Log2((double)count / known.Length)));
    }

    /// <summary>
    /// Whether the outcome is discrete: it has at most 8 levels, or gaps so wide (at least 2·n·step standard deviations) that R rounded to
    /// <paramref name="step"/> still tells values apart exactly. Then leverage alone does not protect a person, and the stricter limits hold.
    /// </summary>
    /// <param name="n">How many subjects the cohort has.</param>
    public bool IsDiscrete(int n, double step) => Levels <= FewLevels || SmallestGap >= 2 * n * step * StandardDeviation;
}
