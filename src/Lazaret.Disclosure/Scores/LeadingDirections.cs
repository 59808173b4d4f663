using System.Numerics.Tensors;
using Lazaret.Disclosure.Noise;

namespace Lazaret.Disclosure.Scores;

/// <summary>
/// The directions about which an answer that is quadratic in the outcomes, zᵀAz, tells most: the eigenvectors of A with the largest eigenvalues. For a
/// spatial null, A is Σ w_b w_bᵀ over its surrogates; for a cross-validation it is (A + Aᵀ)/2, which <see cref="Symmetric"/> gives.
/// </summary>
public static class LeadingDirections
{
    private const double Share = 0.9;

    /// <summary>How many more directions are iterated than wanted, so that close eigenvalues do not slow the iteration.</summary>
    private const int Extra = 8;
    private const int Iterations = 40;

    /// <summary>The fewest leading directions that have 90 % of Σλ².</summary>
    /// <param name="symmetric">The matrix: n rows of n numbers.</param>
    /// <param name="most">At most so many directions: 10 for a spatial null, 5 for a cross-validation.</param>
    /// <returns>Unit vectors, none when A is 0; null when more would be needed: then a steward must see the answer.</returns>
    /// <remarks>
    /// Subspace iteration with a Rayleigh–Ritz step (Golub and Van Loan, 8.2.4). The share is computed from the directions found. If the iteration has not
    /// converged, the share is too small: then more directions are taken, or null is returned, but never too few.
    /// </remarks>
    public static IReadOnlyList<double[]>? Of(double[][] symmetric, int most)
    {
        var n = symmetric.Length;
        var energy = symmetric.Sum(row => TensorPrimitives.SumOfSquares<double>(row));
        if (!(energy > 0))
            return [];
        var random = new SplitMix64(1);
        List<double[]> basis = Orthonormal([.. Enumerable.Range(0, Math.Min(n, most + Extra)).Select(_ => Enumerable.Range(0, n).Select(_ => random.Gaussian()).ToArray())]);
        for (var i = 0; i < Iterations; i++)
            basis = Orthonormal([.. basis.Select(direction => Times(symmetric, direction))]);

        double[][] images = [.. basis.Select(direction => Times(symmetric, direction))];
        double[][] small = [.. basis.Select(direction => images.Select(image => TensorPrimitives.Dot<double>(direction, image)).ToArray())];
        var (values, vectors) = SymmetricEigen.Of(small);
        var leading = new List<double[]>();
        var found = 0.0;
        foreach (var i in Enumerable.Range(0, values.Length).OrderByDescending(i => Math.Abs(values[i])).Take(most))
        {
            var direction = new double[n];
            for (var j = 0; j < basis.Count; j++)
                TensorPrimitives.MultiplyAdd(basis[j], vectors[j][i], direction, direction);
            leading.Add(direction);
            found += values[i] * values[i];
            if (found >= Share * energy)
                return leading;
        }

        return null;
    }

    /// <summary>The symmetric part, (A + Aᵀ)/2.</summary>
    public static double[][] Symmetric(double[][] matrix) =>
        [.. matrix.Select((row, i) => row.Select((value, j) => (value + matrix[j][i]) / 2).ToArray())];

    private static double[] Times(double[][] matrix, double[] x) => Array.ConvertAll(matrix, row => TensorPrimitives.Dot<double>(row, x));

    private static List<double[]> Orthonormal(double[][] columns)
    {
        var basis = new List<double[]>();
        foreach (var column in columns)
        {
            var before = TensorPrimitives.Norm<double>(column);
            for (var round = 0; round < 2; round++)
            {
                foreach (var direction in basis)
                    TensorPrimitives.MultiplyAdd(direction, -TensorPrimitives.Dot<double>(direction, column), column, column);
            }

            var length = TensorPrimitives.Norm<double>(column);
            if (!(length > 1e-12 * before))
                continue;
            TensorPrimitives.Divide(column, length, column);
            basis.Add(column);
        }

        return basis;
    }
}
