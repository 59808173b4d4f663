using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases;

/// <summary>A ledger, and which releases are counted in it.</summary>
/// <param name="isOfMembership">Whether only cohorts count in it, and not what was told of their subjects.</param>
internal sealed class CountedLedger(bool isOfMembership)
{
    private readonly LeverageLedger _ledger = new(0);
    private readonly Dictionary<string, (double Leverage, double Bits)> _counted = new(StringComparer.Ordinal);
    private (IReadOnlyList<string> Queries, IReadOnlyList<LedgerCharge> Charges, LedgerTrial Trial)? _tried;

    public LeverageLedger Ledger => _ledger;

    /// <summary>By how much each release that is counted moved the largest leverage and the bits: together they are what the ledger says.</summary>
    public (double Leverage, double Bits) CostOf(string query) => _counted.GetValueOrDefault(query);

    /// <summary>Counts what is not counted yet.</summary>
    public void Count(IEnumerable<BookEntry> entries, int subjects)
    {
        BookEntry[] fresh = [.. entries.Where(entry => !_counted.ContainsKey(entry.Query))];
        // Usually that is what was tried last, and the arithmetic is done already.
        if (_tried is var (queries, charges, trial) && fresh.Select(entry => entry.Query).SequenceEqual(queries) && subjects == _ledger.Subjects)
        {
            Cost(fresh, () => _ledger.Add(trial, charges));
        }
        else
        {
            _ledger.Grow(subjects);
            foreach (var entry in fresh)
                Cost([entry], () => _ledger.Add([isOfMembership ? entry.Charge.Membership : entry.Charge]));
        }

        if (fresh.Length > 0)
            _tried = null;
    }

    // Those of one decision share what it cost.
    private void Cost(BookEntry[] entries, Action add)
    {
        var (leverage, bits) = (_ledger.MaxLeverage, _ledger.Bits);
        add();
        foreach (var entry in entries)
            _counted[entry.Query] = ((_ledger.MaxLeverage - leverage) / entries.Length, (_ledger.Bits - bits) / entries.Length);
    }

    /// <summary>What it would say after these charges, which are one decision.</summary>
    public LedgerTrial Try(IReadOnlyList<string> queries, IReadOnlyList<LedgerCharge> charges, LedgerLimits limits)
    {
        LedgerCharge[] counted = [.. charges.Select(charge => isOfMembership ? charge.Membership : charge)];
        var trial = _ledger.Try(counted, limits);
        _tried = (queries, counted, trial);
        return trial;
    }
}
