using System.Runtime.InteropServices;
using Lazaret.Cohort.Scores;

namespace Lazaret.Cohort.Prediction;

/// <summary>
/// Sums over voxels of one row's R and connectivity, for their correlation. The first value of each is subtracted before summing, so that sums stay near zero and lose little
/// to rounding.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct SpatialMoments
{
    /// <summary>If the values of an R-map differ by less than this, they differ only by rounding.</summary>
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

    /// <summary>The correlation over the voxels of all parts; NaN for fewer than three voxels, or when R or the connectivity does not vary.</summary>
    public static double Correlation(IEnumerable<SpatialMoments> parts)
    {
        var (n, r, c, rr, cc, rc) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        foreach (var part in parts.Where(part => part._n > 0))
        {
            // Each part has sums about its own means; the difference of the means is added.
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
    /// <param name="rr">The sum of squares of R about its mean.</param>
    /// <param name="cc">The sum of squares of the connectivity about its mean.</param>
    /// <param name="rc">The sum of products about both means.</param>
    /// <param name="scale">The square of the factor by which all R were multiplied.</param>
    public static double Correlation(double n, double rr, double cc, double rc, double scale) =>
        n >= VoxelPairs.FewestForCorrelation && rr > n * scale * Negligible * Negligible && cc > 0 ? Math.Clamp(rc / (Math.Sqrt(rr) * Math.Sqrt(cc)), -1, 1) : double.NaN;
}
