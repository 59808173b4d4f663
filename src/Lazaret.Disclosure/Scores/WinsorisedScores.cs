using Lazaret.Cohort.Statistics;

namespace Lazaret.Disclosure.Scores;

/// <summary>Scores in which those far from the median were brought nearer (control C5), so that no single subject decides a correlation.</summary>
/// <param name="Values">The changed scores, in their order.</param>
/// <param name="Reach">The largest distance from the median, in robust standard deviations.</param>
/// <param name="Clipped">How many were brought nearer.</param>
public sealed record WinsorisedScores(double[] Values, double Reach, int Clipped)
{
    /// <summary>The largest leverage of a subject after the first answer about a cohort: four fifths of the ledger's limit, which is 0.5, and 0.20 for discrete outcomes.</summary>
    private const double LargestShare = 0.4, LargestDiscreteShare = 0.16;

    private static readonly double[] Ladder = [5, 4, 3, 2.5, 2, 1.5];

    /// <summary>
    /// Clips at median ± reach·1.4826·MAD, for the first reach of 5, 4, 3, 2.5, 2, 1.5 with max u²/‖u‖² + 1/n ≤ 0.4 (discrete outcomes: 0.16), u the centred result,
    /// or for the last one if none is small enough. If more than half of the scores are equal (a lesion's map), MAD is 0, and 1.2533·mean absolute deviation is used
    /// instead of 1.4826·MAD.
    /// </summary>
    /// <param name="discrete">Whether the stricter rules for discrete outcomes hold.</param>
    /// <returns>Null when all scores are equal up to rounding, or some are not finite.</returns>
    public static WinsorisedScores? Of(ReadOnlySpan<double> scores, bool discrete)
    {
        if (scores.Length < 3 || Pearson.Centre(scores) is null)
            return null;
        var median = Median(scores.ToArray());
        double[] distances = [.. scores.ToArray().Select(score => Math.Abs(score - median))];
        var deviation = 1.4826 * Median([.. distances]);
        if (!(deviation > 0))
            deviation = 1.2533 * distances.Average();
        WinsorisedScores? best = null;
        foreach (var reach in Ladder)
        {
            var (low, high) = (median - reach * deviation, median + reach * deviation);
            double[] values = [.. scores.ToArray().Select(score => Math.Clamp(score, low, high))];
            if (Pearson.Centre(values) is not { } unit)
                break;
            best = new WinsorisedScores(values, reach, distances.Count(distance => distance > reach * deviation));
            if (unit.Max(u => u * u) + 1.0 / values.Length <= (discrete ? LargestDiscreteShare : LargestShare))
                break;
        }

        return best;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
