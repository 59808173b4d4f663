namespace Lazaret.Disclosure.Privacy;

/// <summary>
/// Rank statistics in integers, whose sensitivity is known: neighbouring data sets differ in one subject's score and outcome. A missing value is
/// neither below nor above any other, so that n, which is public, does not change.
/// </summary>
public static class RankProducts
{
    /// <summary>M = Σ sᵢtᵢ; sᵢ counts the scores below xᵢ less those above it (2·rank − n − 1 without missing ones), t likewise for y.</summary>
    /// <param name="x">One score per subject; NaN where it is missing.</param>
    public static long Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        RequireSameLength(x, y);
        var (s, t) = (Signs(x), Signs(y));
        var product = 0L;
        for (var i = 0; i < s.Length; i++)
            product = checked(product + s[i] * t[i]);
        return product;
    }

    /// <summary>The sensitivity of M, 2n(n − 1); no smaller number bounds it.</summary>
    public static long SpearmanSensitivity(int n) => checked(2L * n * (n - 1));

    /// <summary>ρ_a = 3M/(n³ − n).</summary>
    public static double SpearmanOf(double m, int n) => 3 * m / (Math.Pow(n, 3) - n);

    /// <summary>K: concordant pairs less discordant ones.</summary>
    public static long Kendall(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        RequireSameLength(x, y);
        var balance = 0L;
        for (var i = 1; i < x.Length; i++)
        {
            for (var j = 0; j < i; j++)
                balance += Sign(x[i], x[j]) * Sign(y[i], y[j]);
        }

        return balance;
    }

    /// <summary>The sensitivity of K, 2(n − 1).</summary>
    public static long KendallSensitivity(int n) => 2L * (n - 1);

    /// <summary>τ_a = 2K/(n² − n).</summary>
    public static double KendallOf(double k, int n) => 2 * k / ((double)n * n - n);

    /// <summary>The product-moment correlation that belongs to a rank correlation under normality, 2·sin(πρ/6). Pearson's own correlation has no useful sensitivity.</summary>
    public static double PearsonOf(double spearman) => 2 * Math.Sin(Math.PI * Math.Clamp(spearman, -1, 1) / 6);

    private static long[] Signs(ReadOnlySpan<double> values)
    {
        double[] sorted = [.. values.ToArray().Where(value => !double.IsNaN(value)).Order()];
        var signs = new long[values.Length];
        for (var i = 0; i < signs.Length; i++)
        {
            if (!double.IsNaN(values[i]))
                signs[i] = Below(sorted, values[i], orEqual: false) + Below(sorted, values[i], orEqual: true) - sorted.Length;
        }

        return signs;
    }

    /// <summary>How many of the sorted values are below another, or below and equal.</summary>
    private static int Below(double[] sorted, double value, bool orEqual)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < value || (orEqual && sorted[middle] == value))
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static int Sign(double a, double b) => (a > b ? 1 : 0) - (a < b ? 1 : 0);

    private static void RequireSameLength(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException("The columns differ in length.", nameof(y));
    }
}
