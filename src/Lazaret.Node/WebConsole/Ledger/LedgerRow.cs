using Lazaret.Node.Cohorts.Budgets;

namespace Lazaret.Node.WebConsole.Ledger;

/// <summary>One ledger, in shares of its nearest limit.</summary>
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

    /// <summary>The share of the nearest limit that is spent.</summary>
    public double Spent { get; }

    /// <summary>Whether anything limits it now.</summary>
    public bool IsLimited => _limit > 0;

    public string Nearest => !IsLimited ? "–" : _isBits ? "bits" : "leverage";

    /// <summary>The share that one more usual question costs; null when that is not known.</summary>
    public double? OneMore => Stand.OneMore is { } cost && IsLimited ? (_isBits ? cost.Bits : cost.Leverage) / _limit : null;

    /// <summary>What each project spent. If the ledger is one project's, that project spent all of it.</summary>
    public IEnumerable<(string Project, double Part)> Parts =>
        !IsLimited ? [] : Stand.ByProject is { } shares ? shares.Select(share => (share.Project, (_isBits ? share.Bits : share.Leverage) / _limit)) : [(Stand.Project ?? "", Spent)];

    private static double Part(double spent, double? limit) => limit is > 0 and var most ? spent / most : 0;
}
