using System.Globalization;
using Lazaret.Cohort.Tables;

namespace Lazaret.Node.WebConsole.Data;

/// <summary>Counts how many people each level or bin of an attribute or an outcome has.</summary>
internal static class Cells
{
    private const int Bins = 4;
    private const int Rounding = 5;

    public static IReadOnlyList<KeyValuePair<string, int>> Of(DataView view, Variable variable)
    {
        var column = view.Attributes[variable.Name];
        return variable switch
        {
            Variable.Category category => [.. category.Levels.Select(level => KeyValuePair.Create(level, Count(row => column[row] == level)))],
            Variable.Number number => [.. number.Bins.Zip(number.Bins.Skip(1)).Index().Select(bin => KeyValuePair.Create(
                $"{Name(bin.Item.First)} to {Name(bin.Item.Second)}",
                Count(row => IsIn(column[row], bin.Item.First, bin.Item.Second, isLast: bin.Index == number.Bins.Count - 2))))],
            _ => [],
        };

        int Count(Func<int, bool> holds) => view.CountSubjects(holds);
    }

    /// <summary>
    /// The cells of an outcome. With one or two values each is a cell. Otherwise the middle eight tenths are divided into bins of a round width, and all below and
    /// all above are one cell each, so that no edge tells the least or the largest value.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<string, int>> OfOutcome(DataView view, string name)
    {
        var column = view.Outcomes[name];
        double[] known = [.. column.Where(double.IsFinite).Order()];
        double[] values = [.. known.Distinct().Take(3)];
        if (values.Length <= 2)
            return [.. values.Select(value => KeyValuePair.Create(Name(value), view.CountSubjects(row => column[row] == value)))];
        var (low, high) = (known[known.Length / 10], known[known.Length - 1 - known.Length / 10]);
        var width = RoundWidth((high - low) / Bins);
        if (width == 0)
            return [];
        var first = Math.Ceiling(low / width) * width;
        double[] edges = [.. Enumerable.Range(0, Math.Max(1, (int)Math.Floor((high - first) / width) + 1)).Select(step => Math.Round(first + step * width, 9))];
        return
        [
            KeyValuePair.Create($"below {Name(edges[0])}", view.CountSubjects(row => column[row] < edges[0])),
            .. edges.Zip(edges.Skip(1)).Select(bin => KeyValuePair.Create($"{Name(bin.First)} to {Name(bin.Second)}", view.CountSubjects(row => column[row] >= bin.First && column[row] < bin.Second))),
            KeyValuePair.Create($"{Name(edges[^1])} and above", view.CountSubjects(row => column[row] >= edges[^1])),
        ];
    }

    // The width is 1, 2 or 5 times a power of ten.
    private static double RoundWidth(double width)
    {
        if (width <= 0)
            return 0;
        var power = Math.Pow(10, Math.Floor(Math.Log10(width)));
        return power * ((width / power) switch { < 1.5 => 1, < 3.5 => 2, < 7.5 => 5, _ => 10 });
    }

    /// <summary>Which cells are hidden: small ones; and if only one is small, the smallest other cell, too, so that nobody finds it by subtraction.</summary>
    public static bool[] HiddenOf(IReadOnlyList<KeyValuePair<string, int>> cells, int minimum)
    {
        var hidden = cells.Select(cell => cell.Value > 0 && cell.Value < minimum).ToArray();
        if (hidden.Count(cell => cell) == 1 && Enumerable.Range(0, cells.Count).Where(cell => !hidden[cell] && cells[cell].Value > 0).ToList() is [_, ..] shown)
            hidden[shown.MinBy(cell => cells[cell].Value)] = true;
        return hidden;
    }

    /// <summary>The counts in words for requesters. They are rounded down, so that no count tells who came or went.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> WordsOf(IReadOnlyList<KeyValuePair<string, int>> cells, int minimum)
    {
        var hidden = HiddenOf(cells, minimum);
        return [.. cells.Select((cell, index) => KeyValuePair.Create(cell.Key, hidden[index] ? "not shown" : cell.Value == 0 ? "nobody" : $"at least {Math.Max(minimum, cell.Value / Rounding * Rounding)} people"))];
    }

    // The same as for filters: each bin excludes its upper edge, but the last bin includes both.
    private static bool IsIn(string text, double from, double to, bool isLast) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= from && (value < to || (isLast && value == to));

    private static string Name(double edge) => edge.ToString("0.###", CultureInfo.InvariantCulture);
}
