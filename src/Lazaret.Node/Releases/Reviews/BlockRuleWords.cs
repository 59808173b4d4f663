using Lazaret.Disclosure;

namespace Lazaret.Node.Releases.Reviews;

/// <summary>Why each control withholds an answer, in words for stewards.</summary>
internal static class BlockRuleWords
{
    public static string Of(BlockRule rule) => rule switch
    {
        BlockRule.MinimumCohort => "it is about fewer people than the minimum",
        BlockRule.Degenerate => "no correlation exists, and saying so would tell that scores or outcomes are all alike",
        BlockRule.Remainder => "it leaves out fewer people than the minimum, who could be found by subtraction",
        BlockRule.RepeatedSubject => "a person would count more than once",
        BlockRule.SmallBlock => "a block of the permutation, or a group that is left out, has fewer people than the minimum",
        BlockRule.OtherScheme => "the same people and outcome were cross-validated in another way, and both ways together would tell outcomes",
        BlockRule.Difference => "its people differ from those of another answer by fewer than the minimum, or so few of them had another value then",
        BlockRule.Leverage => "with earlier answers it would tell too much of one person",
        BlockRule.GroupLeverage => "with earlier answers it would tell too much of a few people who were always asked about together",
        BlockRule.PairLeverage => "with earlier answers it would tell too much of two people, compared or added",
        BlockRule.Bits => "with earlier answers it would tell more about the outcomes than they may lose",
        BlockRule.ScoreLattice => "nearly all scores are multiples of one number, so that R would tell the outcomes of the few others",
        BlockRule.Outcome => "among these people the outcome depends on too few",
        BlockRule.Extreme => "scores and outcome agree so closely that one could be read from the other",
        BlockRule.CovariateFit => "the covariates tell too much of the outcome for a partial correlation to hide it",
        BlockRule.DegreesOfFreedom => "too few degrees of freedom are left beside the covariates",
        BlockRule.PrivacyBudget => "the privacy budget is spent",
        BlockRule.ClaimedCohort => "the program says another number of people than the question selects",
        BlockRule.Rejected => "a steward rejected the same answer before",
        _ => throw new InvalidOperationException($"nothing says what {rule} means"),
    };
}
