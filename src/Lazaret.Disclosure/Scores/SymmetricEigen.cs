namespace Lazaret.Disclosure.Scores;

/// <summary>Eigenvalues and eigenvectors of a small symmetric matrix, by Jacobi's rotations (Golub and Van Loan, 8.5.2).</summary>
internal static class SymmetricEigen
{
    /// <returns>The eigenvalues in no particular order; eigenvector i is column i.</returns>
    public static (double[] Values, double[][] Vectors) Of(double[][] symmetric)
    {
        var n = symmetric.Length;
        double[][] a = [.. symmetric.Select(row => row.ToArray())];
        double[][] vectors = [.. Enumerable.Range(0, n).Select(i => Enumerable.Range(0, n).Select(j => i == j ? 1.0 : 0).ToArray())];
        for (var sweep = 0; sweep < 30; sweep++)
        {
            for (var p = 0; p < n; p++)
            {
                for (var q = p + 1; q < n; q++)
                    Rotate(a, vectors, p, q);
            }
        }

        return ([.. a.Select((row, i) => row[i])], vectors);
    }

    private static void Rotate(double[][] a, double[][] vectors, int p, int q)
    {
        if (a[p][q] == 0)
            return;
        var theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        var t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt(1 + theta * theta));
        var c = 1 / Math.Sqrt(1 + t * t);
        var s = t * c;
        for (var k = 0; k < a.Length; k++)
            (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]);
        for (var k = 0; k < a.Length; k++)
            (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]);
        (a[p][q], a[q][p]) = (0, 0);
        foreach (var row in vectors)
            (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
}
