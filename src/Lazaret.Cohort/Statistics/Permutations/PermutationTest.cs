namespace Lazaret.Cohort.Statistics.Permutations;

/// <summary>
/// p of correlations by outcomes that are given to the rows anew: p = (1 + #{R_b at least as far out as R}) / (1 + B), the rows' own order counting
/// as one of them (Phipson and Smyth, Stat. Appl. Genet. Mol. Biol. 9, 2010: 39); the share of the orders where all are taken.
/// </summary>
/// <param name="P">One a correlation.</param>
/// <param name="FamilyWise">One a correlation: the same with the furthest R_b of all of them (Westfall and Young, 1993), which holds the error over the whole family.</param>
public sealed record PermutationTest(IReadOnlyList<double> P, IReadOnlyList<double> FamilyWise)
{
    /// <summary>As far apart two correlations may be that are equal but for rounding.</summary>
    public const double Rounding = 1e-12;

    /// <param name="observed">What each correlation is in the rows' own order.</param>
    /// <param name="tolerance">How much nearer an R_b may be and still counts.</param>
    /// <param name="distort">What becomes of an R_b, by the correlation's index; the observed ones have been through the same.</param>
    public static PermutationTest Of(
        IReadOnlyList<PermutedCorrelation> correlations, IReadOnlyList<double> observed, Shuffles shuffles, Alternative alternative,
        double tolerance = Rounding, Func<int, double, double>? distort = null)
    {
        double[] least = [.. observed.Select(r => alternative.Extremity(r) - tolerance)];
        var (counts, family) = (new int[least.Length], new int[least.Length]);
        foreach (var order in shuffles.Orders())
        {
            var furthest = double.NegativeInfinity;
            for (var i = 0; i < least.Length; i++)
            {
                var r = correlations[i].At(order);
                var extremity = alternative.Extremity(distort is null ? r : distort(i, r));
                counts[i] += extremity >= least[i] ? 1 : 0;
                furthest = Math.Max(furthest, extremity);
            }

            for (var i = 0; i < least.Length; i++)
                family[i] += furthest >= least[i] ? 1 : 0;
        }

        return new PermutationTest(Array.ConvertAll(counts, P), Array.ConvertAll(family, P));

        double P(int count) => shuffles.AreAll ? (double)count / shuffles.Count : (1.0 + count) / (1.0 + shuffles.Count);
    }
}
