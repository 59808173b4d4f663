namespace Lazaret.Cohort.Statistics;

/// <summary>Which of several p-values may be called discoveries, where a certain share of these may be false.</summary>
public static class FalseDiscovery
{
    /// <summary>
    /// q: the share of false discoveries if everything with this p or a smaller one is called a discovery: min over j ≥ i of p₍ⱼ₎·m/j, at most 1 (Benjamini and Hochberg, J. R. Stat. Soc. B 57,
    /// 1995: 289–300; the minimum makes it monotone).
    /// </summary>
    public static double[] Q(IReadOnlyList<double> p)
    {
        int[] order = [.. Enumerable.Range(0, p.Count).OrderBy(i => p[i])];
        var q = new double[p.Count];
        var least = 1.0;
        for (var place = order.Length; place > 0; place--)
        {
            least = Math.Min(least, p[order[place - 1]] * order.Length / place);
            q[order[place - 1]] = least;
        }

        return q;
    }
}
