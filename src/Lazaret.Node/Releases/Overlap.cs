using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases;

/// <summary>How alike two rows of a ledger are.</summary>
internal static class Overlap
{
    /// <summary>Their product over the subjects of both: for two maps on one cohort, the correlation of their scores.</summary>
    public static double Of((SubjectSet Cohort, IReadOnlyList<double> Weights) a, (SubjectSet Cohort, IReadOnlyList<double> Weights) b)
    {
        var weights = b.Cohort.Zip(b.Weights).ToDictionary(pair => pair.First, pair => pair.Second);
        return a.Cohort.Zip(a.Weights).Sum(pair => pair.Second * weights.GetValueOrDefault(pair.First));
    }
}
