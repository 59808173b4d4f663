namespace Lazaret.Cohort.Prediction;

/// <summary>The sums over the rows outside a fold at one voxel, about these rows' own means. They lose no digits, however far the fold's values lie from the others.</summary>
/// <param name="MeanX">The mean of the connectivity.</param>
/// <param name="XX">The sum of squares of the connectivity about its mean. 0 if and only if it does not vary.</param>
/// <param name="YY">The same for the outcomes.</param>
/// <param name="XY">The sum of products about both means.</param>
internal readonly record struct RestOfFold(double MeanX, double XX, double YY, double XY)
{
    /// <summary>Whether both the connectivity and the outcomes vary.</summary>
    public bool Varies => XX > 0 && YY > 0;

    public double R => Math.Clamp(XY / (Math.Sqrt(XX) * Math.Sqrt(YY)), -1, 1);

    /// <param name="values">One per row; those that are not finite do not count.</param>
    /// <param name="outcome">One per row.</param>
    /// <param name="folds">The fold of each row.</param>
    public static RestOfFold Of(ReadOnlySpan<float> values, ReadOnlySpan<double> outcome, ReadOnlySpan<int> folds, int fold)
    {
        // The first value is subtracted before averaging: then the mean of equal values is exact, and their squares about it are 0.
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
