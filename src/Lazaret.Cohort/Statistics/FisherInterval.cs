namespace Lazaret.Cohort.Statistics;

/// <summary>A confidence interval of a correlation by Fisher's transformation.</summary>
internal sealed record FisherInterval(double Low, double High)
{
    /// <summary>tanh(atanh r ± z/√(n − 3 − k)); null when n − 3 − k is not positive, or |r| is 1.</summary>
    public static FisherInterval? Of(double r, int n, int covariates = 0, double confidence = 0.95)
    {
        var left = n - 3 - covariates;
        if (left < 1 || !(Math.Abs(r) < 1))
            return null;
        var (centre, reach) = (Math.Atanh(r), Normal.TwoSidedQuantile(confidence) / Math.Sqrt(left));
        return new FisherInterval(Math.Tanh(centre - reach), Math.Tanh(centre + reach));
    }

    /// <summary>Of Kendall's τ: variance 0.437/(n − 4) after the transformation (E. C. Fieller, H. O. Hartley and E. S. Pearson, Biometrika 44, 1957).</summary>
    public static FisherInterval? OfTau(double tau, int n, double confidence = 0.95)
    {
        if (n < 5 || !(Math.Abs(tau) < 1))
            return null;
        var (centre, reach) = (Math.Atanh(tau), Normal.TwoSidedQuantile(confidence) * Math.Sqrt(0.437 / (n - 4)));
        return new FisherInterval(Math.Tanh(centre - reach), Math.Tanh(centre + reach));
    }
}
