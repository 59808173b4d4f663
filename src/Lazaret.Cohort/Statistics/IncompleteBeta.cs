namespace Lazaret.Cohort.Statistics;

/// <summary>The regularised incomplete beta function where correlations need it: second parameter ½.</summary>
internal static class IncompleteBeta
{
    /// <summary>I_x(a, ½) at x = (1 − r)(1 + r), for 0 ≤ r ≤ 1; taking r itself loses nothing at either end.</summary>
    public static double TailOfCorrelation(double r, double a)
    {
        if (r == 0)
            return 1;
        if (r >= 1)
            return 0;
        // xᵃ · r / B(a, ½), the factor before both continued fractions.
        var logX = r < 0.5 ? double.LogP1(-r * r) : double.LogP1(-r) + double.LogP1(r);
        var factor = Math.Exp(a * logX) * r * GammaRatio(a) / Math.Sqrt(Math.PI);
        var x = (1 - r) * (1 + r);
        return x < (a + 1) / (a + 2.5)
            ? factor / a * Fraction(x, a, 0.5)
            : 1 - factor * 2 * Fraction(r * r, 0.5, a);
    }

    /// <summary>Γ(a + ½) / Γ(a): the asymptotic series for large a, carried down by the recurrence (DLMF 5.11.13, 5.5.1).</summary>
    private static double GammaRatio(double a)
    {
        var carried = 1.0;
        for (; a < 40; a++)
            carried *= a / (a + 0.5);
        var q = 1 / a;
        var series = 1 + q * (-1.0 / 8 + q * (1.0 / 128 + q * (5.0 / 1024 + q * (-21.0 / 32768
            + q * (-399.0 / 262144 + q * (869.0 / 4194304 + q * (39325.0 / 33554432)))))));
        return carried * Math.Sqrt(a) * series;
    }

    /// <summary>The continued fraction of DLMF 8.17.22 by Lentz's method, for x &lt; (a + 1) / (a + b + 2).</summary>
    private static double Fraction(double x, double a, double b)
    {
        const double Tiny = 1e-300;
        var c = 1.0;
        var d = 1 / NonZero(1 - (a + b) * x / (a + 1));
        var fraction = d;
        for (var m = 1; m <= 100_000; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / NonZero(1 + even * d);
            c = NonZero(1 + even / c);
            fraction *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / NonZero(1 + odd * d);
            c = NonZero(1 + odd / c);
            fraction *= d * c;
            if (Math.Abs(d * c - 1) < 1e-16)
                break;
        }

        return fraction;

        static double NonZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
    }
}
