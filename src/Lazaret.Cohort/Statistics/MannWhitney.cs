namespace Lazaret.Cohort.Statistics;

/// <summary>
/// The area under the ROC curve of scores and an outcome of two values: how often the score of somebody with the larger value is the higher one,
/// ties counting half. Its p is Mann and Whitney's by the normal approximation, with the variance corrected for ties and U by ½ for continuity.
/// </summary>
/// <param name="Area">U / (n₁·n₀).</param>
/// <param name="Ones">n₁: rows with the larger value.</param>
/// <param name="Zeros">n₀.</param>
public sealed record MannWhitney(double Area, double P, int Ones, int Zeros)
{
    /// <returns>Null when the outcome does not have two values, or the scores are all the same.</returns>
    public static MannWhitney? Of(ReadOnlySpan<double> scores, ReadOnlySpan<double> outcome, Alternative alternative)
    {
        if (RankSum.Of(scores, outcome) is not { } ranked)
            return null;
        double n = scores.Length, pairs = (double)ranked.Ones * ranked.Zeros;
        var ties = ranked.Ranks.CountBy(rank => rank).Sum(group => group.Value * ((double)group.Value * group.Value - 1));
        var deviation = Math.Sqrt(pairs / 12 * (n + 1 - ties / (n * (n - 1))));
        if (!(deviation > 0))
            return null;
        var distance = ranked.U - pairs / 2;
        var p = alternative switch
        {
            Alternative.TwoSided => Math.Min(1, 2 * Upper((Math.Abs(distance) - 0.5) / deviation)),
            Alternative.Greater => Upper((distance - 0.5) / deviation),
            Alternative.Less => Upper((-distance - 0.5) / deviation),
            _ => throw new ArgumentOutOfRangeException(nameof(alternative)),
        };
        return new MannWhitney(ranked.U / pairs, p, ranked.Ones, ranked.Zeros);
    }

    private static double Upper(double z) => z > 0 ? Normal.TwoSidedTail(z) / 2 : 1 - Normal.TwoSidedTail(z) / 2;
}
