using System.Runtime.InteropServices;
using Lazaret.Cohort.Scores;

namespace Lazaret.Cohort.Prediction;

/// <summary>Sums over voxels of one row's R and connectivity, from which their correlation follows. Both are taken less a value that either has somewhere, so that little is lost in the difference of sums.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct SpatialMoments
{
    private double _n;
    private double _r;
    private double _c;
    private double _rr;
    private double _cc;
    private double _rc;

    public void Add(double r, double c)
    {
        _n++;
        _r += r;
        _c += c;
        _rr += r * r;
        _cc += c * c;
        _rc += r * c;
    }

    public void Add(in SpatialMoments other)
    {
        _n += other._n;
        _r += other._r;
        _c += other._c;
        _rr += other._rr;
        _cc += other._cc;
        _rc += other._rc;
    }

    /// <summary>NaN of fewer than three voxels, or where either does not vary.</summary>
    public readonly double Correlation() => Correlation(_n, _r, _c, _rr, _cc, _rc);

    /// <inheritdoc cref="Correlation()"/>
    public static double Correlation(double n, double r, double c, double rSquares, double cSquares, double products)
    {
        var (rr, cc) = (rSquares - r * r / n, cSquares - c * c / n);
        return n >= VoxelPairs.FewestForCorrelation && rr > FoldedColumn.Negligible * rSquares && cc > FoldedColumn.Negligible * cSquares
            ? Math.Clamp((products - r * c / n) / (Math.Sqrt(rr) * Math.Sqrt(cc)), -1, 1)
            : double.NaN;
    }
}
