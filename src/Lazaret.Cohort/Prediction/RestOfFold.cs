namespace Lazaret.Cohort.Prediction;

/// <summary>What a fold leaves of a voxel, summed about its own means: it loses nothing, however far the fold lies from the others.</summary>
/// <param name="MeanX">Of the connectivity.</param>
/// <param name="XX">Squares of the connectivity about its mean. 0 if and only if it does not vary.</param>
/// <param name="YY">The same of the outcomes.</param>
/// <param name="XY">Products about both means.</param>
internal readonly record struct RestOfFold(double MeanX, double XX, double YY, double XY)
{
    /// <summary>Whether both sides do.</summary>
    public bool Varies => XX > 0 && YY > 0;

    public double R => Math.Clamp(XY / (Math.Sqrt(XX) * Math.Sqrt(YY)), -1, 1);

    /// <param name="values">One per row; those that are not finite do not count.</param>
    /// <param name="outcome">One per row.</param>
    /// <param name="folds">The fold of each row.</param>
    public static RestOfFold Of(ReadOnlySpan<float> values, ReadOnlySpan<double> outcome, ReadOnlySpan<int> folds, int fold)
    {
        // Less the first of them: then the mean of equal values is exact, and their squares are 0.
        var (n, firstX, firstY, sumX, sumY) = (0, 0.0, 0.0, 0.0, 0.0);
        for (var row = 0; row < values.Length; row++)
        {
            if (folds[row] == fold || !float.IsFinite(values[row]))
                continue;
            if (n++ == 0)
                (firstX, firstY) = (values[row], outcome[row]);
            (sumX, sumY) = (sumX + (values[row] - firstX), sumY + (outcome[row] - firstY));
        }

        var (meanX, meanY, xx, yy, xy) = (sumX / n, sumY / n, 0.0, 0.0, 0.0);
        for (var row = 0; row < values.Length; row++)
        {
            if (folds[row] == fold || !float.IsFinite(values[row]))
                continue;
            var (x, y) = (values[row] - firstX - meanX, outcome[row] - firstY - meanY);
            (xx, yy, xy) = (xx + x * x, yy + y * y, xy + x * y);
        }

        return new RestOfFold(firstX + meanX, xx, yy, xy);
    }
}
