using System.Numerics;

namespace Lazaret.Disclosure.Scores;

/// <summary>
/// Scores that are whole multiples of one number for all but a few subjects. Where the outcomes are whole numbers, too (a sum of points, yes or no, every rank), R
/// modulo that number is about those few alone: it tells their outcomes exactly, whatever their leverage is, and with noise as soon as other maps with the
/// same scores average it out. No scan makes such scores by itself. The outcome is not looked at.
/// </summary>
public static class ScoreLattice
{
    /// <summary>Multiples, in standard deviations of the scores: from 2 to ¼. Coarser ones are found by their fractions; of finer ones the digits of R tell little.</summary>
    private const double Fewest = 0.5;
    private const double Most = 4;
    private const double Step = 0.01;

    /// <summary>How far from a multiple a score may lie, in parts of it. By chance one of five does; few subjects must do better.</summary>
    private const double Tolerance = 0.1;
    private const double ToleranceOfFew = 0.02;
    private const int Few = 15;
    private const double Share = 0.85;

    /// <summary>From this share on, those with one score, who most often have nothing of the map, are left out of the count: any lattice goes through a point.</summary>
    private const double ShareOfOne = 0.4;

    /// <summary>Among more subjects the number is looked for by as many: whoever is on no lattice blurs it for all.</summary>
    private const int Enough = 400;

    /// <summary>The length of the mean of points on a circle, which is more where most are near each other.</summary>
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
        // All ranks in a row are a lattice of themselves.
        var most = Math.Min(Most, n / (2 * Math.Sqrt(12)));
        // Each score is a point on a circle, which every step of the frequency turns by the same angle.
        Complex[] points = Array.ConvertAll(sample, score => Complex.FromPolarCoordinates(1, Math.Tau * Fewest * score));
        Complex[] turns = Array.ConvertAll(sample, score => Complex.FromPolarCoordinates(1, Math.Tau * Step * score));
        for (var frequency = Fewest; frequency <= most; frequency += Step)
        {
            var mean = Complex.Zero;
            for (var i = 0; i < some; i++)
            {
                mean += points[i] / some;
                points[i] *= turns[i];
            }

            if (mean.Magnitude < LeastMean)
                continue;
            var phase = mean.Phase / Math.Tau;
            var near = others.Count(score => Math.Abs(Math.IEEERemainder(frequency * score - phase, 1)) <= tolerance);
            // Where nobody is left out, groups have a score each, and R is about groups.
            if (near >= Share * others.Length && near < others.Length)
                return true;
        }

        return false;
    }
}
