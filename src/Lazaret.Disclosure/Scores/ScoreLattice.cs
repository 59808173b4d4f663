using System.Numerics;

namespace Lazaret.Disclosure.Scores;

/// <summary>
/// Finds scores that are whole multiples of one number for all but a few subjects. If the outcomes are whole numbers, too (a sum of points, yes or no, every rank), the
/// remainder of R modulo that number depends on those few alone. It tells their outcomes exactly, whatever their leverage is; with noise it does so as soon as other
/// maps with the same scores average the noise out. No scan makes such scores by itself. The outcome is not looked at.
/// </summary>
public static class ScoreLattice
{
    /// <summary>
    /// The frequencies tried: spacings from 2 down to ¼ standard deviations. A coarser lattice is also found at a fraction of its spacing; with a finer one R has
    /// too few digits to tell much.
    /// </summary>
    private const double Fewest = 0.5;
    private const double Most = 4;
    private const double Step = 0.01;

    /// <summary>How far a score may lie from a multiple, as a share of the spacing. By chance one in five lies so near. With few subjects the limit is stricter.</summary>
    private const double Tolerance = 0.1;
    private const double ToleranceOfFew = 0.02;
    private const int Few = 15;
    private const double Share = 0.85;

    /// <summary>
    /// If at least this share of subjects have the same score (mostly subjects whose volume has nothing of the map), they are not counted: one value fits any
    /// lattice.
    /// </summary>
    private const double ShareOfOne = 0.4;

    /// <summary>At most so many subjects are used to search for the spacing; all of them are then checked.</summary>
    private const int Enough = 400;

    /// <summary>The least length of the mean of the points on the circle for which a frequency is checked. The mean is longer when most points lie near each other.</summary>
    private const double LeastMean = 0.5;

    /// <param name="unit">The scores as a statistic used them, centred, of length 1.</param>
    public static bool Holds(ReadOnlySpan<double> unit)
    {
        var (n, deviation) = (unit.Length, Math.Sqrt(unit.Length));
        double[] scores = Array.ConvertAll(unit.ToArray(), score => score * deviation);
        var some = Math.Min(n, Enough);
        double[] sample = [.. Enumerable.Range(0, some).Select(i => scores[(int)((long)i * n / some)])];
        var common = scores.CountBy(score => Math.Round(score, 9)).MaxBy(value => value.Value);
        double[] others = common.Value >= ShareOfOne * n ? [.. scores.Where(score => Math.Round(score, 9) != common.Key)] : scores;
        var tolerance = others.Length < Few ? ToleranceOfFew : Tolerance;
        // The ranks 1…n themselves form a lattice, which must not be refused.
        var most = Math.Min(Most, n / (2 * Math.Sqrt(12)));
        // Each score is a point on a circle. Every step of the frequency turns the point by the same angle.
        Complex[] points = Array.ConvertAll(sample, score => Complex.FromPolarCoordinates(1, Math.Tau * Fewest * score));
        Complex[] turns = Array.ConvertAll(sample, score => Complex.FromPolarCoordinates(1, Math.Tau * Step * score));
        for (var frequency = Fewest; frequency <= most; frequency += Step)
        {
            var sum = Complex.Zero;
            for (var i = 0; i < some; i++)
            {
                sum += points[i];
                points[i] *= turns[i];
            }

            var mean = sum / some;
            if (mean.Magnitude < LeastMean)
                continue;
            var phase = mean.Phase / Math.Tau;
            var near = others.Count(score => Math.Abs(Math.IEEERemainder(frequency * score - phase, 1)) <= tolerance);
            // If every score is on the lattice, R tells about groups of subjects, not about one: allowed.
            if (near >= Share * others.Length && near < others.Length)
                return true;
        }

        return false;
    }
}
