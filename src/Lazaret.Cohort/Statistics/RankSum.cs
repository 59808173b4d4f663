namespace Lazaret.Cohort.Statistics;

/// <summary>The ranks of scores beside an outcome of two values.</summary>
/// <param name="Ranks">Of all scores; ties have their mean.</param>
/// <param name="Sum">Of the ranks where the outcome has its larger value.</param>
/// <param name="Ones">n₁: how many have it.</param>
public sealed record RankSum(double[] Ranks, double Sum, int Ones)
{
    /// <summary>n₀: how many have the smaller value.</summary>
    public int Zeros => Ranks.Length - Ones;

    /// <summary>Mann and Whitney's U: in how many pairs of a one and a zero the one has the higher score.</summary>
    public double U => Sum - Ones * (Ones + 1.0) / 2;

    /// <returns>Null when the outcome does not have two values.</returns>
    public static RankSum? Of(ReadOnlySpan<double> scores, ReadOnlySpan<double> outcome)
    {
        double[] levels = [.. outcome.ToArray().Distinct().Order()];
        if (levels.Length != 2)
            return null;
        var ranks = Statistics.Ranks.Of(scores);
        var (sum, ones) = (0.0, 0);
        for (var i = 0; i < ranks.Length; i++)
        {
            if (outcome[i] == levels[1])
                (sum, ones) = (sum + ranks[i], ones + 1);
        }

        return new RankSum(ranks, sum, ones);
    }
}
