using System.Collections.Frozen;

namespace Lazaret.Cohort.Tables;

/// <summary>Numbers of a column that stand for a missing value, to judge by the others.</summary>
internal static class CodesOfNumbers
{
    /// <summary>Numbers by which people and programs say that a value is missing, refused or not applicable, but for the sign.</summary>
    private static readonly FrozenSet<double> NumberCodes = FrozenSet.Create(null, 7.0, 8, 9, 66, 77, 88, 99, 666, 777, 888, 999, 7777, 8888, 9999, 99999, 88.8, 99.9, 99.99, 999.9);

    /// <summary>Such codes below zero alone: UK Biobank has -1 and -3.</summary>
    private static readonly FrozenSet<double> NegativeCodes = FrozenSet.Create(null, -1.0, -2, -3);

    /// <summary>Codes of one digit mean something on a scale that is shorter than that by as many.</summary>
    private const double Hole = 3;

    /// <summary>The largest value of such a scale.</summary>
    private const double LongestScale = 6;

    /// <summary>With fewer other values 0 may be one of a few steps, as of a dose: 0, 100, 150.</summary>
    private const int LeastOthers = 9;

    /// <summary>What is 0, or an end of the range, in more rows than one of so many is a state of its own: a stimulator that is off, a placebo, a ceiling.</summary>
    private const int LeastRowsPerZero = 4;

    /// <summary>Half of the neighbours among ages, or totals of a scale, differ by no more.</summary>
    private const double Step = 2;

    /// <summary>A code among those is at least so far from the next value, and so many times what is usual between neighbours.</summary>
    private const double Apart = 15;

    /// <inheritdoc cref="Apart"/>
    private const double TimesApart = 3;

    /// <summary>The share of neighbours that are as near to each other as is usual.</summary>
    private const double Usual = 0.9;

    /// <param name="cells">All values of the column, each as often as it is there.</param>
    public static double[] Of(double[] cells)
    {
        var codes = Far(cells);
        return codes.Length == 0 && OnlyNegative(cells) is { } negative ? [negative] : codes;
    }

    /// <summary>Those that are far from all other values.</summary>
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
    /// The lowest or highest value, if it is whole, there more than once and in few rows, and far from the next: among ages from 18 to 90 a repeated 0 is. Only where the others lie close together, since doses and counts
    /// have wide gaps of their own. For 0 and other usual codes one gap in ten may be wide, as at the ends of a range; any other value must be there three times, and farther than all gaps.
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
    /// Whether 0, there more than once and in few rows, is no value: it is farther from all others than those are from each other, as 0 among the ages of adults; or it is the one whole number
    /// of a column of decimals, and farther from the next value than any two neighbours are. A count has whole numbers near 0, and a change lies on both sides of it.
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
    /// The numbers that people write for a missing one: -9, 99, -999 and the like, several of them together, farther from all other values than those are from each other, or negative where no other is.
    /// The distance in standard deviations does not find them in a column of few values, of which more than half are the same, or where they are near.
    /// </summary>
    /// <param name="values">Each once, in their order.</param>
    private static double[] NumbersOf(double[] values)
    {
        double[] others = [.. values.Where(value => !NumberCodes.Contains(Math.Abs(value)) && !NegativeCodes.Contains(value))];
        // A column of such numbers alone may be a scale's upper end: 8, 9 and 99.
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

    /// <summary>The one whole number below zero of a column, if it is there again and again: surveys have many such codes. Measurements below zero differ.</summary>
    private static double? OnlyNegative(double[] values) =>
        values.Where(value => value < 0).CountBy(value => value).ToList() is [{ Value: > 1, Key: var code }] && double.IsInteger(code) ? code : null;
}
