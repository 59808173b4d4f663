using System.Numerics.Tensors;

namespace Lazaret.Disclosure.Ledgers;

/// <summary>A symmetric matrix that can grow. Its lower half is stored, row by row.</summary>
internal sealed class SymmetricMatrix
{
    private readonly List<double[]> _rows = [];

    public int Size => _rows.Count;

    public double this[int i, int j] => i >= j ? _rows[i][j] : _rows[j][i];

    /// <summary>Enlarges it by rows and columns of the identity.</summary>
    public void Grow(int size)
    {
        while (_rows.Count < size)
        {
            var row = new double[_rows.Count + 1];
            row[^1] = 1;
            _rows.Add(row);
        }
    }

    /// <summary>The product with <paramref name="x"/>, which may be longer: beyond the matrix it is multiplied by the identity.</summary>
    public double[] Times(double[] x)
    {
        var product = new double[x.Length];
        x.AsSpan(Size).CopyTo(product.AsSpan(Size));
        for (var i = 0; i < Size; i++)
        {
            var row = _rows[i].AsSpan(0, i);
            product[i] += TensorPrimitives.Dot<double>(row, x.AsSpan(0, i)) + _rows[i][i] * x[i];
            if (x[i] != 0)
                TensorPrimitives.MultiplyAdd(row, x[i], product.AsSpan(0, i), product.AsSpan(0, i));
        }

        return product;
    }

    /// <summary>xᵀMx of each vector. Some vectors are taken at a time, so that they stay in the cache while the whole matrix is read.</summary>
    public double[] Quadratics(IReadOnlyList<double[]> vectors)
    {
        const int Together = 32;
        var sums = new double[vectors.Count];
        for (var start = 0; start < sums.Length; start += Together)
        {
            for (var i = 0; i < Size; i++)
            {
                for (var v = start; v < Math.Min(start + Together, sums.Length); v++)
                {
                    var x = vectors[v];
                    if (x[i] != 0)
                        sums[v] += x[i] * (2 * TensorPrimitives.Dot<double>(_rows[i].AsSpan(0, i), x.AsSpan(0, i)) + _rows[i][i] * x[i]);
                }
            }
        }

        return sums;
    }

    /// <summary>Subtracts ggᵀ/d. Rounding never makes a variance negative.</summary>
    public void Subtract(double[] g, double d)
    {
        for (var i = 0; i < Size; i++)
        {
            if (g[i] == 0)
                continue;
            var row = _rows[i];
            TensorPrimitives.MultiplyAdd(g.AsSpan(0, i + 1), -g[i] / d, row, row);
            row[i] = Math.Max(row[i], 0);
        }
    }
}
