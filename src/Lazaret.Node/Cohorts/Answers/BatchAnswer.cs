using Lazaret.Cohort.Statistics;
using Lazaret.Disclosure.Scores;

namespace Lazaret.Node.Cohorts.Answers;

/// <summary>What the answers about several maps say together. It follows from what was released, and costs nothing.</summary>
internal static class BatchAnswer
{
    /// <summary>Each result with its q among all.</summary>
    public static IEnumerable<CohortAnswerResult> WithQ(IReadOnlyList<CohortAnswerResult> results) =>
        results.Zip(FalseDiscovery.Q([.. results.Select(P)]), (result, q) => result with { Q = CohortAnswerResult.InDecimals((decimal)q, 3) });

    /// <summary>Where p is 0.000, what follows from R; of permutations, the largest of theirs that is shown so.</summary>
    private static double P(CohortAnswerResult result)
    {
        var (r, shown) = ((double)result.R!.Value, (double)result.P!.Value);
        if (shown > 0)
            return shown;
        // The largest that is shown as 0 with the decimals that it has.
        var unseen = (double)(result.PBelow ?? 0.001m) / 2;
        if (result.Permutations is { } permutations)
            return Math.Min(unseen, Math.Max(1, Math.Floor(unseen * (1 + permutations))) / (1 + permutations));
        if (result is not { Query: { } query, Disclosure: { Profile: not "dp" } disclosure })
            return unseen;
        var covariates = result.DegreesOfFreedom is { } df ? result.N - 2 - df : 0;
        // Of noise alone it is not known whether the outcome has few values, and the larger p is on the safe side.
        var p = ReleasedCorrelation.P(Enum.Parse<Statistic>(query.Stat, ignoreCase: true), r, result.N, covariates, disclosure.Noise ?? 0, isDiscrete: disclosure.Noise is not null);
        return Math.Min(unseen, AlternativeNames.Read(query.Alternative ?? AlternativeNames.All[0]).P(r, p ?? 1));
    }
}
