using System.Text.Json.Serialization;
using Lazaret.Disclosure;
using Lazaret.Disclosure.Ledgers;
using Lazaret.Node.Audit;

namespace Lazaret.Node.Releases;

/// <summary>What answers would do to one of the ledgers in which they count. Nothing in it depends on any outcome.</summary>
internal sealed record TriedLedger
{
    // What a steward cannot see, since numbers are shown rounded, is no reason to ask them again.
    private const double LeverageShown = 0.0005;
    private const double BitsShown = 0.005;

    /// <summary>The outcomes of the ledger of who is in which cohort: none.</summary>
    public static readonly IReadOnlyList<string> OfMembership = [];

    /// <summary>The outcomes that share it; none for what all answers tell of who is in which cohort.</summary>
    public required IReadOnlyList<string> Outcomes { get; init; }

    /// <summary>Whether it counts what all projects were given; otherwise what the asking project was.</summary>
    public required bool IsOfSite { get; init; }

    public required LedgerLimits Limits { get; init; }

    /// <summary>The limit that the answers would break; null for none.</summary>
    public BlockRule? Rule { get; init; }

    /// <summary>The largest leverage of a subject without the answers.</summary>
    public double LeverageBefore { get; init; }

    /// <summary>The same with them.</summary>
    public double Leverage { get; init; }

    /// <inheritdoc cref="LedgerTrial.MaxGroupLeverage"/>
    public double GroupLeverage { get; init; }

    /// <inheritdoc cref="LedgerTrial.MaxPairLeverage"/>
    public double PairLeverage { get; init; }

    /// <summary>Bits that all answers tell without these.</summary>
    public double BitsBefore { get; init; }

    /// <summary>The same with them.</summary>
    public double Bits { get; init; }

    /// <summary>How many bits they may tell; infinite where they are not counted.</summary>
    public double BitsLimit { get; init; }

    [JsonIgnore]
    public double? FiniteLeverageLimit => double.IsFinite(Limits.Leverage) ? Math.Round(Limits.Leverage, 3) : null;

    [JsonIgnore]
    public double? FiniteBitsLimit => double.IsFinite(BitsLimit) ? Math.Round(BitsLimit, 2) : null;

    /// <param name="book">Whose turn the caller has.</param>
    /// <param name="project">The one that asks; null outside any.</param>
    /// <param name="charges">The answers, by their queries.</param>
    /// <param name="subjects">How many subjects there are, with those whom the caller is about to add.</param>
    /// <param name="outcomes">The ledger's.</param>
    /// <param name="isOfSite">Whether it is the ledger of all projects.</param>
    /// <param name="limits">The ledger's.</param>
    internal static TriedLedger Try(
        ReleaseBook book, string? project, IReadOnlyList<(string Query, LedgerCharge Charge)> charges, int subjects, IReadOnlyList<string> outcomes, bool isOfSite, LedgerLimits limits)
    {
        var ledger = book.LedgerOf(outcomes, isOfSite ? null : project ?? "", subjects);
        var before = ledger.Ledger.MaxLeverage;
        var trial = ledger.Try([.. charges.Select(charge => charge.Query)], [.. charges.Select(charge => charge.Charge)], limits);
        return new TriedLedger
        {
            Outcomes = outcomes,
            IsOfSite = isOfSite,
            Limits = limits,
            Rule = trial.Rule,
            LeverageBefore = before,
            Leverage = trial.MaxLeverage,
            GroupLeverage = trial.MaxGroupLeverage,
            PairLeverage = trial.MaxPairLeverage,
            BitsBefore = trial.BitsAfter - trial.Bits,
            Bits = trial.BitsAfter,
            BitsLimit = limits.BitsPerSubject * trial.Reached,
        };
    }

    /// <summary>Whether it is beyond one of its limits, and further than it was.</summary>
    public bool IsWorseThan(TriedLedger earlier) =>
        IsFurther(Leverage, earlier.Leverage, Limits.Leverage, LeverageShown)
        || IsFurther(GroupLeverage, earlier.GroupLeverage, Limits.Leverage, LeverageShown)
        || IsFurther(PairLeverage, earlier.PairLeverage, Limits.Pair, LeverageShown)
        || IsFurther(Bits, earlier.Bits, BitsLimit, BitsShown);

    /// <summary>What the audit and the list of reviews say: the numbers of the first ledger that refuses, or of the first one.</summary>
    internal static void Describe(IReadOnlyList<TriedLedger> ledgers, AuditDetail detail)
    {
        if (ledgers.Count == 0)
            return;
        var told = ledgers.FirstOrDefault(ledger => ledger.Rule is not null) ?? ledgers[0];
        detail["leverage_before"] = Math.Round(told.LeverageBefore, 3);
        detail["leverage"] = Math.Round(told.Leverage, 3);
        if (told.FiniteLeverageLimit is { } leverageLimit)
            detail["leverage_limit"] = leverageLimit;
        detail["bits"] = Math.Round(told.Bits - told.BitsBefore, 2);
        detail["bits_after"] = Math.Round(told.Bits, 2);
        if (told.FiniteBitsLimit is { } bitsLimit)
            detail["bits_limit"] = bitsLimit;
    }

    private static bool IsFurther(double now, double earlier, double limit, double shown) => now > limit && now > earlier + shown;
}
