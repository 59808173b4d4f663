namespace Lazaret.Cohort.Statistics.Permutations;

/// <summary>Kendall's τ_b in any order of the outcomes: pairs are counted in a tree of the outcomes' levels (Fenwick, Softw. Pract. Exper. 24, 1994), n·log n steps an order.</summary>
internal sealed class PermutedTau : PermutedCorrelation
{
    private readonly int[] _byScore;
    private readonly int[] _ends;
    private readonly int[] _levels;
    private readonly int[] _tree;
    private readonly double _divisor;

    public PermutedTau(ReadOnlySpan<double> scores, ReadOnlySpan<double> outcome)
    {
        var n = scores.Length;
        double[] values = scores.ToArray();
        _byScore = [.. Enumerable.Range(0, n).OrderBy(row => values[row])];
        // One past the last row, in that order, of those with the same score.
        _ends = new int[n];
        for (var at = n - 1; at >= 0; at--)
            _ends[at] = at + 1 < n && values[_byScore[at + 1]] == values[_byScore[at]] ? _ends[at + 1] : at + 1;
        double[] given = outcome.ToArray();
        double[] distinct = [.. given.Distinct().Order()];
        _levels = Array.ConvertAll(given, value => Array.BinarySearch(distinct, value) + 1);
        _tree = new int[distinct.Length + 1];
        _divisor = Math.Sqrt(Untied(values)) * Math.Sqrt(Untied(given));
    }

    public override double At(ReadOnlySpan<int> order)
    {
        Array.Clear(_tree);
        var balance = 0L;
        for (var start = 0; start < _byScore.Length; start = _ends[start])
        {
            for (var at = start; at < _ends[start]; at++)
            {
                var level = _levels[order[_byScore[at]]];
                balance += UpTo(level - 1) - (start - UpTo(level));
            }

            for (var at = start; at < _ends[start]; at++)
            {
                for (var node = _levels[order[_byScore[at]]]; node < _tree.Length; node += node & -node)
                    _tree[node]++;
            }
        }

        return Math.Clamp(balance / _divisor, -1, 1);
    }

    private int UpTo(int level)
    {
        var count = 0;
        for (var node = level; node > 0; node &= node - 1)
            count += _tree[node];
        return count;
    }

    private static double Untied(double[] values) => values.Length * (values.Length - 1.0) / 2 - values.CountBy(value => value).Sum(group => group.Value * (group.Value - 1.0) / 2);
}
