namespace Lazaret.Cohort.Statistics;

/// <summary>The product-moment correlation, by centring first and multiplying after.</summary>
internal static class Pearson
{
    /// <summary>Below this share of its mean, what varies in a column is rounding.</summary>
    private const double Negligible = 1e-13;

    public static Correlation Correlate(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
            throw new ArgumentException("The columns differ in length.", nameof(y));
        if (x.Length < 3 || Centre(x) is not { } cx || Centre(y) is not { } cy)
            return Correlation.None;
        return FromUnit(cx, cy, x.Length - 2);
    }

    /// <summary>Two-sided p of a correlation under independence and normality: I₍₁₋ᵣ₎₍₁₊ᵣ₎(df/2, ½), exact down to the smallest double.</summary>
    /// <param name="degreesOfFreedom">n − 2, less one for each covariate.</param>
    public static double P(double r, int degreesOfFreedom) => IncompleteBeta.TailOfCorrelation(Math.Abs(r), degreesOfFreedom / 2.0);

    /// <summary>Two columns of mean 0 and length 1.</summary>
    internal static Correlation.Defined FromUnit(ReadOnlySpan<double> x, ReadOnlySpan<double> y, int degreesOfFreedom)
    {
        var r = 0.0;
        for (var i = 0; i < x.Length; i++)
            r += x[i] * y[i];
        r = Math.Clamp(r, -1, 1);
        return new Correlation.Defined(r, P(r, degreesOfFreedom));
    }

    /// <summary>The column less its mean, scaled to length 1; null when it is constant but for rounding, or not finite.</summary>
    internal static double[]? Centre(ReadOnlySpan<double> column)
    {
        var mean = 0.0;
        foreach (var value in column)
            mean += value;
        mean /= column.Length;
        var centred = new double[column.Length];
        var rest = 0.0;
        for (var i = 0; i < centred.Length; i++)
            rest += centred[i] = column[i] - mean;
        // The second pass takes out what the first mean's rounding left.
        rest /= centred.Length;
        var largest = 0.0;
        for (var i = 0; i < centred.Length; i++)
            largest = Math.Max(largest, Math.Abs(centred[i] -= rest));
        if (!(largest > 0 && double.IsFinite(largest)))
            return null;
        var squares = 0.0;
        foreach (var value in centred)
            squares += value / largest * (value / largest);
        var length = largest * Math.Sqrt(squares);
        if (!(length > Negligible * Math.Abs(mean)))
            return null;
        for (var i = 0; i < centred.Length; i++)
            centred[i] = centred[i] / largest / Math.Sqrt(squares);
        return centred;
    }
}
