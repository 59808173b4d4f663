using System.Numerics;
using System.Runtime.InteropServices;

namespace Lazaret.Cohort.Prediction;

/// <summary>Sums over all rows, for a block of voxels and a tile of orders; they do not depend on the folds. Each array holds the orders of a voxel together.</summary>
internal sealed class OutcomeSums(VoxelBlock block, PermutedOutcomes given)
{
    private const int Width = VoxelBlock.Width;

    private static readonly int Lanes = PermutedOutcomes.Tile / 4;
    private static readonly int Tile = PermutedOutcomes.Tile;

    /// <summary>The sums of products of <see cref="VoxelBlock.X"/> and the outcomes.</summary>
    public double[] Products { get; } = new double[Width * Tile];

    /// <summary>At voxels where some rows are not finite: the sum of the outcomes of the finite rows.</summary>
    public double[] Outcomes { get; } = new double[Width * Tile];

    /// <summary>The sum of the squares of those outcomes.</summary>
    public double[] Squares { get; } = new double[Width * Tile];

    /// <param name="width">How many voxels.</param>
    /// <param name="first">The first order.</param>
    public void Read(int width, int first)
    {
        ref var outcomes = ref MemoryMarshal.GetArrayDataReference(given.Values);
        var (x, n) = (block.X, given.FoldOf.Length);
        for (var voxel = 0; voxel < width; voxel += 2)
        {
            Vector<double> a0 = default, a1 = default, a2 = default, a3 = default, b0 = default, b1 = default, b2 = default, b3 = default;
            for (var row = 0; row < n; row++)
            {
                var from = (nuint)PermutedOutcomes.Place(row, n, first);
                var (y0, y1) = (Vector.LoadUnsafe(ref outcomes, from), Vector.LoadUnsafe(ref outcomes, from + (nuint)Lanes));
                var (y2, y3) = (Vector.LoadUnsafe(ref outcomes, from + (nuint)(2 * Lanes)), Vector.LoadUnsafe(ref outcomes, from + (nuint)(3 * Lanes)));
                var (a, b) = (new Vector<double>(x[row * Width + voxel]), new Vector<double>(x[row * Width + voxel + 1]));
                (a0, a1, a2, a3) = (Plus(a0, a, y0), Plus(a1, a, y1), Plus(a2, a, y2), Plus(a3, a, y3));
                (b0, b1, b2, b3) = (Plus(b0, b, y0), Plus(b1, b, y1), Plus(b2, b, y2), Plus(b3, b, y3));
            }

            Keep(Products, voxel * Tile, a0, a1, a2, a3);
            Keep(Products, (voxel + 1) * Tile, b0, b1, b2, b3);
        }

        for (var voxel = 0; voxel < width; voxel++)
        {
            if (!block.IsWhole[voxel])
                SumFinite(voxel, first, Outcomes.AsSpan(voxel * Tile, Tile), Squares.AsSpan(voxel * Tile, Tile));
        }
    }

    /// <summary>
    /// The sums of the outcomes and of their squares over the finite rows: the sum over all rows minus the sum over the others, or a separate sum where little is
    /// left.
    /// </summary>
    private void SumFinite(int voxel, int first, Span<double> y, Span<double> yy)
    {
        var n = given.FoldOf.Length;
        y.Fill(given.Total);
        yy.Fill(given.Squares);
        for (var row = 0; row < n; row++)
        {
            if (block.IsThere[row * Width + voxel])
                continue;
            var missing = given.Values.AsSpan(PermutedOutcomes.Place(row, n, first), Tile);
            for (var i = 0; i < Tile; i++)
                (y[i], yy[i]) = (y[i] - missing[i], yy[i] - missing[i] * missing[i]);
        }

        for (var i = 0; i < Tile; i++)
        {
            if (yy[i] >= FoldedColumn.SmallRest * given.Squares)
                continue;
            (y[i], yy[i]) = (0, 0);
            for (var row = 0; row < n; row++)
            {
                var own = block.IsThere[row * Width + voxel] ? given.Values[PermutedOutcomes.Place(row, n, first + i)] : 0;
                (y[i], yy[i]) = (y[i] + own, yy[i] + own * own);
            }
        }
    }

    public static Vector<double> Plus(Vector<double> sum, Vector<double> a, Vector<double> b) => Vector.MultiplyAddEstimate(a, b, sum);

    public static void Keep(double[] target, int at, Vector<double> v0, Vector<double> v1, Vector<double> v2, Vector<double> v3)
    {
        v0.CopyTo(target, at);
        v1.CopyTo(target, at + Lanes);
        v2.CopyTo(target, at + 2 * Lanes);
        v3.CopyTo(target, at + 3 * Lanes);
    }
}
