namespace Lazaret.Cohort.Statistics;

/// <summary>Kendall's τ_b. The p is exact without ties for n ≤ 33 or next to no discordance, else asymptotic with the variance corrected for ties.</summary>
/// <remarks>M. G. Kendall, "Rank Correlation Methods" (4th ed., 1970), 5.8 and 4.10; the choice between exact and asymptotic is scipy's.</remarks>
internal static class Kendall
{
    private const int MostForExact = 33;

    public static Correlation Correlate(ReadOnlySpan<double> x, ReadOnlySpan<double> y) =>
        Measure(x, y, Alternative.TwoSided) is var (tau, p) ? new Correlation.Defined(tau, p) : Correlation.None;

    /// <summary>p for an alternative; of the exact distribution both tails hold the value itself. Null where τ is not defined.</summary>
    public static double? P(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Alternative alternative) => Measure(x, y, alternative)?.P;

    private static (double Tau, double P)? Measure(ReadOnlySpan<double> x, ReadOnlySpan<double> y, Alternative alternative)
    {
        if (x.Length != y.Length)
            throw new ArgumentException("The columns differ in length.", nameof(y));
        var n = x.Length;
        var (tiesX, tiesY) = (Ties.In(x), Ties.In(y));
        var pairs = n * (n - 1L) / 2;
        if (n < 3 || tiesX.Pairs == pairs || tiesY.Pairs == pairs || HasNaN(x) || HasNaN(y))
            return null;

        var balance = 0L;
        for (var i = 1; i < n; i++)
        {
            for (var j = 0; j < i; j++)
                balance += Sign(x[i], x[j]) * Sign(y[i], y[j]);
        }

        var tau = Math.Clamp(balance / Math.Sqrt(pairs - tiesX.Pairs) / Math.Sqrt(pairs - tiesY.Pairs), -1, 1);
        var rarer = (pairs - Math.Abs(balance)) / 2;
        var exact = tiesX.Pairs == 0 && tiesY.Pairs == 0 && (n <= MostForExact || rarer <= 1);
        if (!exact)
            return (tau, alternative.P(balance, AsymptoticP(n, balance, tiesX, tiesY)));
        if (alternative == Alternative.TwoSided)
            return (tau, Math.Min(1, 2 * Share(n, (int)rarer)));
        return (tau, balance > 0 == (alternative == Alternative.Greater) ? Share(n, (int)rarer) : 1 - (rarer > 0 ? Share(n, (int)rarer - 1) : 0));
    }

    /// <summary>The share of the orders of n values with at most that many inversions.</summary>
    private static double Share(int n, int inversions)
    {
        // shares[k]: of the orders of the first m values, the share with k inversions; each new value adds 0 … m − 1.
        var shares = new double[inversions + 1];
        shares[0] = 1;
        for (var m = 2; m <= n; m++)
        {
            var next = new double[inversions + 1];
            for (var k = 0; k <= inversions; k++)
            {
                var window = 0.0;
                for (var added = 0; added < m && added <= k; added++)
                    window += shares[k - added];
                next[k] = window / m;
            }

            shares = next;
        }

        return shares.Sum();
    }

    private static double AsymptoticP(int n, long balance, Ties x, Ties y)
    {
        var orders = n * (n - 1.0);
        var variance = (orders * (2 * n + 5) - x.Quintic - y.Quintic) / 18
            + 2.0 * x.Pairs * y.Pairs / orders
            + (double)x.Triples * y.Triples / (9 * orders * (n - 2));
        return Normal.TwoSidedTail(balance / Math.Sqrt(variance));
    }

    private static int Sign(double a, double b) => (a > b ? 1 : 0) - (a < b ? 1 : 0);

    private static bool HasNaN(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (double.IsNaN(value))
                return true;
        }

        return false;
    }

    /// <param name="Pairs">Σ t(t − 1)/2 over groups of t equal values.</param>
    /// <param name="Triples">Σ t(t − 1)(t − 2).</param>
    /// <param name="Quintic">Σ t(t − 1)(2t + 5).</param>
    private sealed record Ties(long Pairs, long Triples, long Quintic)
    {
        public static Ties In(ReadOnlySpan<double> values)
        {
            var sorted = values.ToArray();
            Array.Sort(sorted);
            var (pairs, triples, quintic) = (0L, 0L, 0L);
            for (int start = 0, end; start < sorted.Length; start = end)
            {
                for (end = start + 1; end < sorted.Length && sorted[end] == sorted[start];)
                    end++;
                long t = end - start;
                pairs += t * (t - 1) / 2;
                triples += t * (t - 1) * (t - 2);
                quintic += t * (t - 1) * (2 * t + 5);
            }

            return new Ties(pairs, triples, quintic);
        }
    }
}
