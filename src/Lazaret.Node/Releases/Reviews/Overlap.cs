using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases.Reviews;

/// <summary>How alike rows of a ledger are.</summary>
internal static class Overlap
{
    /// <summary>The largest product, but for its sign, of a row that is asked and an earlier one, over the subjects of both: for two maps on one cohort, the correlation of their scores.</summary>
    public static double Largest(IEnumerable<(SubjectSet Cohort, LedgerRow Row)> asked, IEnumerable<(SubjectSet Cohort, LedgerRow Row)> earlier)
    {
        // An R-map has one row per parcel: each is spread over all subjects once.
        double[][] spread = [.. asked.Select(row => Spread(row.Cohort, row.Row))];
        var most = 0.0;
        foreach (var (cohort, row) in earlier)
        {
            int[] subjects = [.. cohort];
            foreach (var other in spread)
            {
                var product = 0.0;
                for (var i = 0; i < subjects.Length; i++)
                    product += subjects[i] < other.Length ? other[subjects[i]] * row.Weights[i] : 0;
                most = Math.Max(most, Math.Abs(product));
            }
        }

        return most;
    }

    private static double[] Spread(SubjectSet cohort, LedgerRow row)
    {
        var spread = new double[cohort.End];
        foreach (var (at, subject) in cohort.Index())
            spread[subject] = row.Weights[at];
        return spread;
    }
}
