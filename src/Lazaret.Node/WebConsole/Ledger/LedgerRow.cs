using Lazaret.Node.Cohorts.Budgets;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>One ledger, as shares of its nearest limit.</summary>
internal sealed class LedgerRow
{
    private readonly double _limit;
    private readonly bool _isBits;

    public LedgerRow(LedgerStand stand)
    {
        Stand = stand;
        var (leverage, bits) = (Part(stand.Leverage, stand.LeverageLimit), Part(stand.Bits, stand.BitsLimit));
        _isBits = bits > leverage;
        _limit = (_isBits ? stand.BitsLimit : stand.LeverageLimit) ?? 0;
        Spent = Math.Max(leverage, bits);
    }

    public LedgerStand Stand { get; }

    public string Name => string.Join(", ", Stand.Outcomes);

    public string Owner => Stand.Project switch { null => "the site", "" => "no project", var project => project };

    /// <summary>Of the nearest limit.</summary>
    public double Spent { get; }

    /// <summary>Whether anything limits it now.</summary>
    public bool IsLimited => _limit > 0;

    public string Nearest => !IsLimited ? "–" : _isBits ? "bits" : "leverage";

    /// <summary>What one more usual question costs; null where that is not known.</summary>
    public double? OneMore => Stand.OneMore is { } cost && IsLimited ? (_isBits ? cost.Bits : cost.Leverage) / _limit : null;

    /// <summary>Who spent it; the ledger's own project alone where it is one project's.</summary>
    public IEnumerable<(string Project, double Part)> Parts =>
        !IsLimited ? [] : Stand.ByProject is { } shares ? shares.Select(share => (share.Project, (_isBits ? share.Bits : share.Leverage) / _limit)) : [(Stand.Project ?? "", Spent)];

    private static double Part(double spent, double? limit) => limit is > 0 and var most ? spent / most : 0;
}
