using Lazaret.Disclosure.Ledgers;

namespace Lazaret.Node.Releases;

/// <summary>A ledger, and which releases are counted in it.</summary>
internal sealed class CountedLedger
{
    private readonly LeverageLedger _ledger = new(0);
    private readonly HashSet<string> _counted = new(StringComparer.Ordinal);
    private (IReadOnlyList<string> Queries, IReadOnlyList<LedgerCharge> Charges, LedgerTrial Trial)? _tried;

    public LeverageLedger Ledger => _ledger;

    /// <summary>Counts what is not counted yet.</summary>
    public void Count(IEnumerable<BookEntry> entries, int subjects)
    {
        BookEntry[] fresh = [.. entries.Where(entry => !_counted.Contains(entry.Query))];
        // Usually that is what was tried last, and the arithmetic is done already.
        if (_tried is var (queries, charges, trial) && fresh.Select(entry => entry.Query).SequenceEqual(queries) && subjects == _ledger.Subjects)
        {
            _ledger.Add(trial, charges);
        }
        else
        {
            _ledger.Grow(subjects);
            foreach (var entry in fresh)
                _ledger.Add([entry.Charge]);
        }

        _counted.UnionWith(fresh.Select(entry => entry.Query));
        if (fresh.Length > 0)
            _tried = null;
    }

    /// <summary>What it would say after these charges, which are one decision.</summary>
    public LedgerTrial Try(IReadOnlyList<string> queries, IReadOnlyList<LedgerCharge> charges, LedgerLimits limits)
    {
        var trial = _ledger.Try(charges, limits);
        _tried = (queries, charges, trial);
        return trial;
    }
}
