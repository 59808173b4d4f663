namespace Lazaret.Cohort.Scores;

/// <summary>The voxels of a map and a volume that count together, and every score of them as it is defined: sums about the means, in double.</summary>
internal static class VoxelPairs
{
    /// <summary>Fewer voxels have no correlation.</summary>
    public const int FewestForCorrelation = 3;

    /// <summary>Below this share of its mean, what varies is rounding.</summary>
    private const double Negligible = 1e-13;

    /// <summary>NaN where the score is not defined.</summary>
    public static double ScoreOf(Score score, ReadOnlySpan<float> map, ReadOnlySpan<float> volume)
    {
        if (map.IsEmpty)
            return double.NaN;
        switch (score)
        {
            case Score.SpatialPearson:
                return Correlate(map, volume);
            case Score.SpatialSpearman:
                return Correlate(ValueOrder.DoubledRanks(map), ValueOrder.DoubledRanks(volume));
        }

        var (product, absolute, map2, volume2, inside, positive) = (0.0, 0.0, 0.0, 0.0, 0.0, 0);
        for (var i = 0; i < map.Length; i++)
        {
            double m = map[i], c = volume[i];
            product += m * c;
            absolute += Math.Abs(m);
            map2 += m * m;
            volume2 += c * c;
            if (m > 0)
                (inside, positive) = (inside + c, positive + 1);
        }

        return score switch
        {
            Score.Dot => product,
            Score.WeightedMean => Quotient(product, absolute),
            Score.MeanInside => Quotient(inside, positive),
            Score.Cosine => Quotient(product, Math.Sqrt(map2) * Math.Sqrt(volume2)),
            _ => throw new ArgumentOutOfRangeException(nameof(score)),
        };
    }

    /// <summary>NaN where the divisor is 0.</summary>
    public static double Quotient(double dividend, double divisor) => divisor > 0 ? dividend / divisor : double.NaN;

    private static double Correlate(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        if (x.Length < FewestForCorrelation)
            return double.NaN;
        var (meanX, meanY) = (Mean(x), Mean(y));
        var (xx, yy, xy) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            var (dx, dy) = (x[i] - meanX, y[i] - meanY);
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }

        return Varies(xx, meanX, x.Length) && Varies(yy, meanY, y.Length) ? Math.Clamp(xy / (Math.Sqrt(xx) * Math.Sqrt(yy)), -1, 1) : double.NaN;
    }

    private static bool Varies(double squares, double mean, int count) => Math.Sqrt(squares) > Negligible * Math.Abs(mean) * Math.Sqrt(count);

    private static double Mean(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += value;
        return sum / values.Length;
    }
}
