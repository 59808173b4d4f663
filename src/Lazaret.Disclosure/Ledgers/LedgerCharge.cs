namespace Lazaret.Disclosure.Ledgers;

/// <summary>What one release about one cohort costs: the cohort's mean, which the ledger adds itself, and these rows.</summary>
public sealed class LedgerCharge
{
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

    internal IEnumerable<LedgerRow> RowsWithMean => Rows.Prepend(LedgerRow.Mean(Cohort.Count));
}
