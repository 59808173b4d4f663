namespace Lazaret.Node.Cli.Attack.Estimates;

/// <summary>
/// What answers tell about outcomes that were independent standard normals before: the best linear estimate (a Kalman filter of a state that does not
/// change). It is the attacker against whom the leverage ledger is built.
/// </summary>
internal sealed class GaussianPosterior(int subjects)
{
    private readonly double[] _mean = new double[subjects];
    private readonly double[,] _covariance = Identity(subjects);

    public double Estimate(int subject) => _mean[subject];

    /// <summary>The share of the variance of a subject's outcome that the answers explain, 0 to 1.</summary>
    public double Known(int subject) => 1 - _covariance[subject, subject];

    /// <summary>Takes in that Σ weights · outcomes is <paramref name="value"/>, with an error of that variance.</summary>
    public void Observe(double[] weights, double value, double variance)
    {
        var gain = new double[subjects];
        var (expected, spread) = (0.0, variance);
        for (var i = 0; i < subjects; i++)
        {
            for (var j = 0; j < subjects; j++)
                gain[i] += _covariance[i, j] * weights[j];
            expected += weights[i] * _mean[i];
            spread += weights[i] * gain[i];
        }

        for (var i = 0; i < subjects; i++)
        {
            _mean[i] += gain[i] * (value - expected) / spread;
            for (var j = 0; j < subjects; j++)
                _covariance[i, j] -= gain[i] * gain[j] / spread;
        }
    }

    private static double[,] Identity(int size)
    {
        var matrix = new double[size, size];
        for (var i = 0; i < size; i++)
            matrix[i, i] = 1;
        return matrix;
    }
}
