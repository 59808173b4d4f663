using System.Numerics.Tensors;

namespace Lazaret.Disclosure.Ledgers;

/// <summary>
/// An orthonormal basis of all rows so far. Along directions orthogonal to it, nothing is known about the outcomes. So a ledger of many subjects needs covariances
/// only along the basis: it has as many coordinates as there were independent rows.
/// </summary>
internal sealed class SubjectBasis
{
    /// <summary>If less than this length is left of a unit row, the rest is rounding error.</summary>
    private const double Negligible = 1e-12;

    /// <summary>If less than this length is left of a unit row, the rest has lost digits.</summary>
    private const double MuchTakenOut = 0.7;

    /// <summary>The weights of each direction, one per subject. Subjects that were added after the direction have the weight 0, and are left out.</summary>
    private readonly List<double[]> _directions = [];

    public int Size => _directions.Count;

    /// <summary>The basis that has one direction for each subject.</summary>
    public static SubjectBasis OfSubjects(int count)
    {
        var basis = new SubjectBasis();
        for (var i = 0; i < count; i++)
        {
            var direction = new double[i + 1];
            direction[i] = 1;
            basis._directions.Add(direction);
        }

        return basis;
    }

    public void Add(IEnumerable<double[]> directions) => _directions.AddRange(directions);

    /// <summary>The rows in coordinates of the basis, and the further directions that they need; the last coordinates are along these.</summary>
    /// <param name="rows">Unit vectors over all subjects.</param>
    public (double[][] Coordinates, List<double[]> Beyond) Resolve(IReadOnlyList<double[]> rows)
    {
        double[][] rest = [.. rows.Select(row => row.ToArray())];
        double[][] along = [.. rows.Select(_ => new double[Size + rows.Count])];
        TakeOut([.. Enumerable.Range(0, rest.Length)], rest, along);
        // Take out once more where much was taken out, since rounding left some of it; twice is enough (Daniel, Gragg, Kaufman and Stewart 1976).
        TakeOut([.. Enumerable.Range(0, rest.Length).Where(row => TensorPrimitives.Norm<double>(rest[row]) is > Negligible and < MuchTakenOut)], rest, along);

        var beyond = new List<double[]>();
        for (var row = 0; row < rest.Length; row++)
        {
            for (var round = 0; round < 2; round++)
            {
                for (var i = 0; i < beyond.Count; i++)
                {
                    var share = TensorPrimitives.Dot<double>(beyond[i], rest[row]);
                    along[row][Size + i] += share;
                    TensorPrimitives.MultiplyAdd(beyond[i], -share, rest[row], rest[row]);
                }
            }

            var length = TensorPrimitives.Norm<double>(rest[row]);
            if (length <= Negligible)
                continue;
            along[row][Size + beyond.Count] = length;
            TensorPrimitives.Divide(rest[row], length, rest[row]);
            beyond.Add(rest[row]);
        }

        return ([.. along.Select(coordinates => coordinates[..(Size + beyond.Count)])], beyond);
    }

    /// <summary>The vectors over all subjects that have these coordinates, which <see cref="Resolve"/> may have extended.</summary>
    public double[][] Expand(IReadOnlyList<double[]> coordinates, IReadOnlyList<double[]> beyond, int subjects)
    {
        double[][] vectors = [.. coordinates.Select(_ => new double[subjects])];
        for (var i = 0; i < Size + beyond.Count; i++)
        {
            var direction = i < Size ? _directions[i] : beyond[i - Size];
            for (var v = 0; v < vectors.Length; v++)
                AddTo(vectors[v], direction, coordinates[v][i]);
        }

        return vectors;
    }

    /// <summary>The coordinates of the sum of some subjects' unit vectors.</summary>
    public double[] CoordinatesOf(IReadOnlyList<int> subjects)
    {
        var coordinates = new double[Size];
        for (var i = 0; i < Size; i++)
        {
            foreach (var subject in subjects)
                coordinates[i] += subject < _directions[i].Length ? _directions[i][subject] : 0;
        }

        return coordinates;
    }

    private void TakeOut(int[] left, double[][] rest, double[][] along)
    {
        if (left.Length == 0)
            return;
        double[][] shares = [.. left.Select(_ => new double[Size])];
        for (var i = 0; i < Size; i++)
        {
            for (var row = 0; row < left.Length; row++)
                shares[row][i] = TensorPrimitives.Dot<double>(_directions[i], rest[left[row]].AsSpan(0, _directions[i].Length));
        }

        for (var row = 0; row < left.Length; row++)
            TensorPrimitives.Add(along[left[row]].AsSpan(0, Size), shares[row], along[left[row]].AsSpan(0, Size));
        for (var i = 0; i < Size; i++)
        {
            for (var row = 0; row < left.Length; row++)
                AddTo(rest[left[row]], _directions[i], -shares[row][i]);
        }
    }

    private static void AddTo(double[] vector, double[] direction, double share)
    {
        if (share != 0)
            TensorPrimitives.MultiplyAdd(direction, share, vector.AsSpan(0, direction.Length), vector.AsSpan(0, direction.Length));
    }
}
