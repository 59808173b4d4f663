namespace Lazaret.Disclosure;

/// <summary>The control that withheld a result. For the steward alone.</summary>
public enum BlockRule
{
    /// <summary>C1: fewer subjects than <see cref="DisclosurePolicy.MinimumCohort"/>.</summary>
    MinimumCohort,

    /// <summary>No correlation exists: saying so would tell that scores or outcomes are all alike.</summary>
    Degenerate,

    /// <summary>C1: the cohort leaves out fewer subjects than the minimum, so that they could be found by subtraction.</summary>
    Remainder,

    /// <summary>C1: a subject is in the cohort twice.</summary>
    RepeatedSubject,

    /// <summary>C1: a block within which outcomes are permuted, or a group that is left out, is smaller than the minimum.</summary>
    SmallBlock,

    /// <summary>The same cohort, outcome and mask were cross-validated by another scheme: many schemes together would tell the outcomes.</summary>
    OtherScheme,

    /// <summary>C2: the cohort differs from one that was answered by fewer subjects than the minimum.</summary>
    Difference,

    /// <summary>C3: the answers would tell too much about one subject.</summary>
    Leverage,

    /// <summary>C3: the answers would tell too much about a few subjects who were always asked about together.</summary>
    GroupLeverage,

    /// <summary>Pairs: the answers would tell too much about the difference or the sum of two subjects.</summary>
    PairLeverage,

    /// <summary>C4: the answers would tell more bits about the outcomes than the limit allows.</summary>
    Bits,

    /// <summary>Discrete: all scores but a few are whole multiples of one number, so that the remainder of R tells the outcomes of those few.</summary>
    ScoreLattice,

    /// <summary>C7: in this cohort the outcome depends on too few subjects.</summary>
    Outcome,

    /// <summary>C7: |R| above 0.995.</summary>
    Extreme,

    /// <summary>The covariates tell too much about the outcome for a partial correlation to hide it.</summary>
    CovariateFit,

    /// <summary>Too few degrees of freedom are left beside the covariates.</summary>
    DegreesOfFreedom,

    /// <summary>The privacy budget of the data set or the project is spent.</summary>
    PrivacyBudget,

    /// <summary>A visiting program claimed another number of subjects than the query selects.</summary>
    ClaimedCohort,

    /// <summary>A steward has rejected the same answer before.</summary>
    Rejected,
}

/// <summary>What follows from a rule.</summary>
public static class BlockRules
{
    /// <summary>Whether the rule follows from values of the outcome: then the refusal tells something of them.</summary>
    public static bool TellsOfOutcome(this BlockRule rule) => rule is BlockRule.Outcome or BlockRule.Extreme or BlockRule.CovariateFit or BlockRule.Degenerate;

    /// <summary>Whether the rule means that a ledger is spent: together with earlier answers, this one would tell too much. A steward may overrule only such a rule.</summary>
    public static bool IsSpentLedger(this BlockRule rule) => rule is BlockRule.Leverage or BlockRule.GroupLeverage or BlockRule.PairLeverage or BlockRule.Bits;
}
