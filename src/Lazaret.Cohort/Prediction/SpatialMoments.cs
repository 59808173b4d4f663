using System.Runtime.InteropServices;
using Lazaret.Cohort.Scores;

namespace Lazaret.Cohort.Prediction;

/// <summary>
/// Sums over voxels of one row's R and connectivity, from which their correlation follows. Both are taken less their first value: it is one of those that are summed, so that a
/// difference of sums loses at most as many times its rounding as there are voxels.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct SpatialMoments
{
    /// <summary>An R-map whose values are nearer to each other than this differs by rounding alone.</summary>
    private const double Negligible = 1e-12;

    private double _n;
    private double _firstR;
    private double _firstC;
    private double _r;
    private double _c;
    private double _rr;
    private double _cc;
    private double _rc;

    public void Add(double r, double c)
    {
        if (_n == 0)
            (_firstR, _firstC) = (r, c);
        _n++;
        (r, c) = (r - _firstR, c - _firstC);
        _r += r;
        _c += c;
        _rr += r * r;
        _cc += c * c;
        _rc += r * c;
    }

    /// <summary>The correlation over the voxels of all of them; NaN of fewer than three voxels, or where either does not vary.</summary>
    public static double Correlation(IEnumerable<SpatialMoments> parts)
    {
        var (n, r, c, rr, cc, rc) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        foreach (var part in parts.Where(part => part._n > 0))
        {
            // Each part about its own means, and what the means differ by.
            var (partR, partC, all) = (part._firstR + part._r / part._n, part._firstC + part._c / part._n, n + part._n);
            var (byR, byC, share) = (partR - r, partC - c, n / all * part._n);
            rr += part._rr - part._r * part._r / part._n + byR * byR * share;
            cc += part._cc - part._c * part._c / part._n + byC * byC * share;
            rc += part._rc - part._r * part._c / part._n + byR * byC * share;
            (n, r, c) = (all, r + byR * part._n / all, c + byC * part._n / all);
        }

        return Correlation(n, rr, cc, rc, 1);
    }

    /// <inheritdoc cref="Correlation(IEnumerable{SpatialMoments})"/>
    /// <param name="rr">Squares of R about its mean.</param>
    /// <param name="cc">The same of the connectivity.</param>
    /// <param name="rc">Products about both means.</param>
    /// <param name="scale">The square of what all R were multiplied by.</param>
    public static double Correlation(double n, double rr, double cc, double rc, double scale) =>
        n >= VoxelPairs.FewestForCorrelation && rr > n * scale * Negligible * Negligible && cc > 0 ? Math.Clamp(rc / (Math.Sqrt(rr) * Math.Sqrt(cc)), -1, 1) : double.NaN;
}
