namespace Lazaret.Cohort.Statistics.Permutations;

/// <summary>
/// The orders in which a permutation test gives outcomes to rows, within their blocks: drawn from a seed, or each there is where they are few.
/// A draw shuffles the one before it (Fisher and Yates; Durstenfeld, Comm. ACM 7, 1964), block by block, from the last row to the second.
/// </summary>
public sealed class Shuffles
{
    /// <summary>So many orders, or fewer, are all taken: those of eight rows.</summary>
    public const int MostForAll = 50_000;

    private readonly int[][] _blocks;
    private readonly Func<Func<int, int>> _numbers;
    private readonly int _rows;

    private Shuffles(int rows, int[][] blocks, Func<Func<int, int>> numbers, int count, bool areAll) => (_rows, _blocks, _numbers, Count, AreAll) = (rows, blocks, numbers, count, areAll);

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Whether they are all orders, each once, the rows' own among them.</summary>
    public bool AreAll { get; }

    /// <param name="blocks">Which block each row is in; empty where all are in one.</param>
    /// <param name="draws">How many are drawn.</param>
    /// <param name="allIfFew">Whether all are taken where they are few.</param>
    public static Shuffles Of(int rows, IReadOnlyList<string> blocks, byte[] seed, int draws, bool allIfFew = true)
    {
        var grouped = Group(rows, blocks);
        var areAll = allIfFew && CountAll(grouped) is <= MostForAll;
        return new Shuffles(rows, grouped, () => new SeededNumbers(seed).Below, areAll ? (int)CountAll(grouped) : draws, areAll);
    }

    /// <summary>Orders that are drawn however few there are.</summary>
    /// <param name="blocks">Which block each row is in; empty where all are in one.</param>
    /// <param name="numbers">Begins the numbers by which they are drawn: each is from 0 to one below what it is asked for. It is called for each pass over the orders.</param>
    internal static Shuffles Drawn(int rows, IReadOnlyList<string> blocks, Func<Func<int, int>> numbers, int draws) => new(rows, Group(rows, blocks), numbers, draws, areAll: false);

    /// <summary>For each place, whose outcome comes there: one array, written anew for each order.</summary>
    public IEnumerable<int[]> Orders() => AreAll ? All() : Draw();

    private static int[][] Group(int rows, IReadOnlyList<string> blocks)
    {
        if (blocks.Count > 0 && blocks.Count != rows)
            throw new ArgumentException("There is one block for each row.", nameof(blocks));
        return blocks.Count == 0
            ? [[.. Enumerable.Range(0, rows)]]
            : [.. Enumerable.Range(0, rows).GroupBy(row => blocks[row], StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => group.ToArray())];
    }

    private IEnumerable<int[]> Draw()
    {
        var order = Enumerable.Range(0, _rows).ToArray();
        var below = _numbers();
        for (var draw = 0; draw < Count; draw++)
        {
            foreach (var block in _blocks)
            {
                for (var last = block.Length - 1; last > 0; last--)
                {
                    var other = below(last + 1);
                    (order[block[last]], order[block[other]]) = (order[block[other]], order[block[last]]);
                }
            }

            yield return order;
        }
    }

    private IEnumerable<int[]> All()
    {
        var order = Enumerable.Range(0, _rows).ToArray();
        do
            yield return order;
        while (Array.Exists(_blocks, block => Advance(order, block)));
    }

    /// <summary>The next order of one block's rows; false, and the first one, after the last.</summary>
    private static bool Advance(int[] order, int[] block)
    {
        var head = block.Length - 2;
        while (head >= 0 && order[block[head]] > order[block[head + 1]])
            head--;
        if (head >= 0)
        {
            var larger = block.Length - 1;
            while (order[block[larger]] < order[block[head]])
                larger--;
            (order[block[head]], order[block[larger]]) = (order[block[larger]], order[block[head]]);
        }

        for (int low = head + 1, high = block.Length - 1; low < high; low++, high--)
            (order[block[low]], order[block[high]]) = (order[block[high]], order[block[low]]);
        return head >= 0;
    }

    /// <summary>The product of the factorials, or any number above <see cref="MostForAll"/>.</summary>
    private static long CountAll(int[][] blocks)
    {
        var count = 1L;
        foreach (var block in blocks)
        {
            for (var factor = 2; factor <= block.Length && count <= MostForAll; factor++)
                count *= factor;
        }

        return count;
    }
}
