namespace Lazaret.Cohort.Statistics;

/// <summary>The correlation of what covariates leave of two columns, by residuals; df = n − 2 − k with k the covariates' rank.</summary>
internal static class PartialCorrelation
{
    /// <summary>A covariate of which the others leave less than this is one of them in disguise.</summary>
    private const double Dependent = 1e-10;

    public static Correlation Correlate(ReadOnlySpan<double> x, ReadOnlySpan<double> y, IReadOnlyList<double[]> covariates)
    {
        if (x.Length != y.Length)
            throw new ArgumentException("The columns differ in length.", nameof(y));
        var basis = Basis(covariates);
        var degreesOfFreedom = x.Length - 2 - basis.Count;
        if (degreesOfFreedom < 1 || Residual(x, basis) is not { } rx || Residual(y, basis) is not { } ry)
            return Correlation.None;
        return Pearson.FromUnit(rx, ry, degreesOfFreedom);
    }

    /// <summary>An orthonormal basis of the covariates, centred: as many columns as their rank.</summary>
    internal static List<double[]> Basis(IReadOnlyList<double[]> covariates)
    {
        var basis = new List<double[]>();
        foreach (var column in covariates)
        {
            // A constant covariate explains nothing and costs nothing.
            if (Residual(column, basis) is { } independent)
                basis.Add(independent);
        }

        return basis;
    }

    /// <summary>The column, centred, less what the basis explains, scaled to length 1; null when nothing is left.</summary>
    internal static double[]? Residual(ReadOnlySpan<double> column, List<double[]> basis)
    {
        if (basis.Count > 0 && basis[0].Length != column.Length)
            throw new ArgumentException("A covariate differs in length.", nameof(basis));
        return Pearson.Centre(column) is { } centred ? LeftOf(centred, basis) : null;
    }

    /// <summary>Takes an orthonormal basis out of a column of length 1 and scales what is left; null when nothing is.</summary>
    private static double[]? LeftOf(double[] column, List<double[]> basis)
    {
        if (basis.Count == 0)
            return column;
        // Twice is enough (Kahan, in Parlett 1980): the second round removes what rounding in the first one kept.
        for (var round = 0; round < 2; round++)
        {
            foreach (var direction in basis)
            {
                var share = Dot(column, direction);
                for (var i = 0; i < column.Length; i++)
                    column[i] -= share * direction[i];
            }
        }

        var length = Math.Sqrt(Dot(column, column));
        if (!(length > Dependent))
            return null;
        for (var i = 0; i < column.Length; i++)
            column[i] /= length;
        return column;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
