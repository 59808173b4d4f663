using System.Collections.Frozen;

namespace Lazaret.Cohort.Tables;

/// <summary>Finds numbers in a column that probably stand for a missing value, judging by the column's other numbers.</summary>
internal static class CodesOfNumbers
{
    /// <summary>Numbers, with either sign, by which people and programs say that a value is missing, refused or not applicable.</summary>
    private static readonly FrozenSet<double> NumberCodes = FrozenSet.Create(null, 7.0, 8, 9, 66, 77, 88, 99, 666, 777, 888, 999, 7777, 8888, 9999, 99999, 88.8, 99.9, 99.99, 999.9);

    /// <summary>Such codes that are only used below zero: UK Biobank has -1 and -3.</summary>
    private static readonly FrozenSet<double> NegativeCodes = FrozenSet.Create(null, -1.0, -2, -3);

    /// <summary>How far from the end of a scale a code of one digit lies at least: on a scale that ends at 6, 9 is a code.</summary>
    private const double Hole = 3;

    /// <summary>The largest value that such a scale may have.</summary>
    private const double LongestScale = 6;

    /// <summary>With fewer other values 0 may be one of a few steps, such as a dose: 0, 100, 150.</summary>
    private const int LeastOthers = 9;

    /// <summary>If more than one row in so many has 0, or an end of the range, that value is a state of its own: a stimulator that is off, a placebo, a ceiling.</summary>
    private const int LeastRowsPerZero = 4;

    /// <summary>Among ages, or totals of a scale, at least half of the neighbouring values differ by no more than this.</summary>
    private const double Step = 2;

    /// <summary>
    /// Among such values, a code is at least so far from the next one (<see cref="Apart"/>), and more than so many times as far as neighbours usually are
    /// (<see cref="TimesApart"/>).
    /// </summary>
    private const double Apart = 15;

    /// <inheritdoc cref="Apart"/>
    private const double TimesApart = 3;

    /// <summary>The share of the neighbours' distances that count as usual.</summary>
    private const double Usual = 0.9;

    /// <param name="cells">All values of the column, each as often as it occurs.</param>
    public static double[] Of(double[] cells)
    {
        var codes = Far(cells);
        return codes.Length == 0 && OnlyNegative(cells) is { } negative ? [negative] : codes;
    }

    /// <summary>The codes that are far from all other values.</summary>
    /// <inheritdoc cref="Of"/>
    public static double[] Far(double[] cells)
    {
        List<double> codes = [.. NumbersOf([.. cells.Distinct().Order()])];
        if (IsZero(Rest()))
            codes.Add(0);
        foreach (var isLowest in (bool[])[true, false])
        {
            if (EndOf(Rest(), isLowest) is { } end)
                codes.Add(end);
        }

        return [.. codes.Order()];

        double[] Rest() => [.. cells.Where(value => !codes.Contains(value))];
    }

    /// <summary>
    /// The lowest or highest value, if it looks like a code for "missing": a whole number, repeated, in few rows, and far from the next value (a repeated 0 among
    /// ages 18 to 90). Only for columns whose other values lie close together. For 0 and other usual codes the gap must be several times as wide as nine in ten of
    /// the other gaps; any other value must occur three times, with a gap several times as wide as every other.
    /// </summary>
    private static double? EndOf(double[] cells, bool isLowest)
    {
        if (cells.Length == 0)
            return null;
        var end = isLowest ? cells.Min() : cells.Max();
        var count = cells.Count(value => value == end);
        double[] others = [.. cells.Where(value => value != end).Distinct().Order()];
        if (!double.IsInteger(end) || count < 2 || LeastRowsPerZero * count > cells.Length || others.Length < LeastOthers)
            return null;
        double[] gaps = [.. others.Zip(others.Skip(1), (here, there) => there - here).Order()];
        var far = isLowest ? others[0] - end : end - others[^1];
        var isUsual = end == 0 || NumberCodes.Contains(Math.Abs(end));
        return gaps[gaps.Length / 2] <= Step && far >= Apart && (isUsual ? far > TimesApart * gaps[(int)Math.Ceiling(Usual * gaps.Length) - 1] : count > 2 && far > TimesApart * gaps[^1]) ? end : null;
    }

    /// <summary>
    /// Whether a repeated 0 means "missing": it is farther from all other values than these are from each other (0 among the ages of adults), or it is the only
    /// whole number in a column of decimals and farther from the next value than any two neighbours are. Counts, which have whole numbers near 0, and changes, which
    /// lie on both sides of it, are excluded.
    /// </summary>
    private static bool IsZero(double[] cells)
    {
        var zeros = cells.Count(value => value == 0);
        double[] others = [.. cells.Where(value => value != 0).Distinct().Order()];
        if (zeros < 2 || LeastRowsPerZero * zeros > cells.Length || others.Length < LeastOthers || (others[0] < 0 && others[^1] > 0))
            return false;
        var next = Math.Min(Math.Abs(others[0]), Math.Abs(others[^1]));
        return next > others[^1] - others[0]
            || (!Array.Exists(others, double.IsInteger) && next > others.Zip(others.Skip(1), (here, there) => there - here).Max());
    }

    /// <summary>
    /// Numbers such as -9, 99, -999 that people write for a missing value, when they lie apart from the other values, or are the only negative ones. A distance in standard deviations
    /// would not find them in a column of few values, in one of which more than half are the same, or where they are near.
    /// </summary>
    /// <param name="values">Each value once, increasing.</param>
    private static double[] NumbersOf(double[] values)
    {
        double[] others = [.. values.Where(value => !NumberCodes.Contains(Math.Abs(value)) && !NegativeCodes.Contains(value))];
        // A column that has only such numbers may be the upper end of a scale: 8, 9 and 99.
        if (others.Length == 0)
            others = [.. values.Where(value => value is >= 0 and < 10)];
        if (others.Length == 0)
            return [];
        var (least, most) = (others[0], others[^1]);
        var span = Math.Max(1, most - least);
        double[] below = [.. values.TakeWhile(value => value < Math.Min(0, least))];
        double[] above = [.. values.Where(value => value > most)];
        return
        [
            // -1, 0, 1 is a scale.
            .. below.Length > 0 && least >= 0 && (Array.TrueForAll(below, value => NumberCodes.Contains(-value)) || least - below[^1] >= Hole) ? below : below.Where(value => least - value > span),
            .. above.Length > 0 && (above[0] - most > span || (above.Length > 1 && above[0] - most >= Hole && most <= LongestScale)) ? above : above.Where(value => value - most > span),
        ];
    }

    /// <summary>
    /// The only value below zero of a column, if it is a whole number and occurs several times. Surveys have many such codes; measurements below zero differ from
    /// each other.
    /// </summary>
    private static double? OnlyNegative(double[] values) =>
        values.Where(value => value < 0).CountBy(value => value).ToList() is [{ Value: > 1, Key: var code }] && double.IsInteger(code) ? code : null;
}
