namespace Lazaret.Disclosure.Ledgers;

/// <summary>What one release about one cohort costs: the cohort's mean, which the ledger adds itself, and these rows.</summary>
public sealed class LedgerCharge
{
    /// <summary>The product of two rows of length 1 that are one. R may differ by up to 0.045 between scores that correlate by 0.999.</summary>
    private const double Alike = 0.9995;

    /// <param name="rows">Weights for the cohort's subjects in the order of their indices.</param>
    /// <param name="bits">Bits that are told beside the rows, in no particular direction.</param>
    public LedgerCharge(SubjectSet cohort, IReadOnlyList<LedgerRow> rows, double bits = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        if (cohort.Count == 0 || rows.Any(row => row.Weights.Count != cohort.Count))
            throw new ArgumentException("A row has one weight for each subject of a cohort that is not empty.", nameof(rows));
        (Cohort, Rows, Bits) = (cohort, rows, bits);
    }

    public SubjectSet Cohort { get; }

    public IReadOnlyList<LedgerRow> Rows { get; }

    /// <summary>Bits beside those of the rows. They count against the outcome's entropy and add to nobody's leverage.</summary>
    public double Bits { get; }

    /// <summary>Who the release is about, without what it tells of them: the cohort's mean alone.</summary>
    public LedgerCharge Membership => Rows.Count == 0 && Bits == 0 ? this : new(Cohort, []);

    /// <summary>Whether two charges are of the same people and of scores that are nearly the same, as those of two maps are that round to one code.</summary>
    public bool IsLike(LedgerCharge other) => Cohort.Equals(other.Cohort)
        && (Rows.Count, other.Rows.Count) switch
        {
            (0, 0) => true,
            (0, _) or (_, 0) => false,
            _ => Math.Abs(Rows[0].Weights.Zip(other.Rows[0].Weights, (a, b) => a * b).Sum()) >= Alike,
        };

    internal IEnumerable<LedgerRow> RowsWithMean => Rows.Prepend(LedgerRow.Mean(Cohort.Count));
}
