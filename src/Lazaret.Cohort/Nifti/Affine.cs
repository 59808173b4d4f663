using System.Globalization;

namespace Lazaret.Cohort.Nifti;

/// <summary>Voxel indices to millimetres: the upper three rows of a 4×4 matrix whose last row is 0 0 0 1.</summary>
public sealed class Affine : IEquatable<Affine>
{
    private readonly double[] _rows;

    /// <param name="rows">Three rows of four, row by row.</param>
    public Affine(params ReadOnlySpan<double> rows)
    {
        if (rows.Length != 12)
            throw new ArgumentException("An affine has three rows of four.", nameof(rows));
        _rows = rows.ToArray();
    }

    public static Affine Identity { get; } = new(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);

    public double this[int row, int column] => row == 3 ? (column == 3 ? 1 : 0) : _rows[row * 4 + column];

    public bool IsFinite => Array.TrueForAll(_rows, double.IsFinite);

    /// <summary>True when the three axes do not span space, measured against their lengths, so that the unit does not matter.</summary>
    public bool IsSingular => !(Length(0) * Length(1) * Length(2) is > 0 and var volume && Math.Abs(Determinant) > 1e-9 * volume);

    private double Determinant =>
        this[0, 0] * (this[1, 1] * this[2, 2] - this[1, 2] * this[2, 1])
        - this[0, 1] * (this[1, 0] * this[2, 2] - this[1, 2] * this[2, 0])
        + this[0, 2] * (this[1, 0] * this[2, 1] - this[1, 1] * this[2, 0]);

    public static Affine operator *(Affine left, Affine right)
    {
        Span<double> product = stackalloc double[12];
        for (var row = 0; row < 3; row++)
        {
            for (var column = 0; column < 4; column++)
            {
                var sum = 0.0;
                for (var k = 0; k < 4; k++)
                    sum += left[row, k] * right[k, column];
                product[row * 4 + column] = sum;
            }
        }

        return new Affine(product);
    }

    /// <summary>By elimination with partial pivoting, as LAPACK does it. The cofactor method has larger rounding errors, and they are visible in interpolated voxels.</summary>
    public Affine Inverse()
    {
        var work = new double[4, 8];
        for (var row = 0; row < 4; row++)
        {
            for (var column = 0; column < 4; column++)
                work[row, column] = this[row, column];
            work[row, 4 + row] = 1;
        }

        for (var pivot = 0; pivot < 4; pivot++)
        {
            var best = Enumerable.Range(pivot, 4 - pivot).MaxBy(row => Math.Abs(work[row, pivot]));
            for (var column = 0; column < 8; column++)
                (work[pivot, column], work[best, column]) = (work[best, column], work[pivot, column]);
            for (var row = pivot + 1; row < 4; row++)
            {
                var factor = work[row, pivot] / work[pivot, pivot];
                for (var column = pivot; column < 8; column++)
                    work[row, column] -= factor * work[pivot, column];
            }
        }

        for (var column = 4; column < 8; column++)
        {
            for (var row = 3; row >= 0; row--)
            {
                for (var known = row + 1; known < 4; known++)
                    work[row, column] -= work[row, known] * work[known, column];
                work[row, column] /= work[row, row];
            }
        }

        var rows = new double[12];
        for (var i = 0; i < 12; i++)
            rows[i] = work[i / 4, 4 + i % 4];
        return new Affine(rows);
    }

    public (double X, double Y, double Z) Apply(double i, double j, double k) => (At(0, i, j, k), At(1, i, j, k), At(2, i, j, k));

    /// <summary>The size of a voxel along one of its axes, in millimetres.</summary>
    public double Length(int axis) => Math.Sqrt(this[0, axis] * this[0, axis] + this[1, axis] * this[1, axis] + this[2, axis] * this[2, axis]);

    /// <summary>Where each axis of indices leads, as nibabel writes it: RAS when they lead to the right, to the front and up.</summary>
    public string Orientation => string.Concat(Enumerable.Range(0, 3).Select(column =>
    {
        var row = Enumerable.Range(0, 3).MaxBy(row => Math.Abs(this[row, column]));
        return (this[row, column] < 0 ? "LPI" : "RAS")[row];
    }));

    /// <summary>The same voxels in another unit of space.</summary>
    public Affine Scaled(double factor) => factor == 1 ? this : new Affine(Array.ConvertAll(_rows, value => value * factor));

    public bool Equals(Affine? other) => other is not null && _rows.AsSpan().SequenceEqual(other._rows);

    public override bool Equals(object? obj) => Equals(obj as Affine);

    public override int GetHashCode() => HashCode.Combine(_rows[0], _rows[3], _rows[5], _rows[7], _rows[10], _rows[11]);

    public override string ToString() => $"[{Row(0)}, {Row(1)}, {Row(2)}]";

    private double At(int row, double i, double j, double k) => this[row, 3] + i * this[row, 0] + j * this[row, 1] + k * this[row, 2];

    private string Row(int row) =>
        $"[{string.Join(", ", Enumerable.Range(0, 4).Select(column => this[row, column].ToString("G6", CultureInfo.InvariantCulture)))}]";
}
