using System.Globalization;
using Lazaret.Cohort.Tables;

namespace Lazaret.Node.WebConsole.Data;

/// <summary>How many people each level or bin of an attribute holds.</summary>
internal static class Cells
{
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

        int Count(Func<int, bool> holds) => Enumerable.Range(0, view.Rows.Count).Where(holds).Select(row => view.Rows[row].SubjectId).Distinct(StringComparer.Ordinal).Count();
    }

    /// <summary>What may be shown: small cells are hidden, and where only one is, the smallest other one with it, so that nobody finds it by subtraction.</summary>
    public static bool[] HiddenOf(IReadOnlyList<KeyValuePair<string, int>> cells, int minimum)
    {
        var hidden = cells.Select(cell => cell.Value > 0 && cell.Value < minimum).ToArray();
        if (hidden.Count(cell => cell) == 1 && Enumerable.Range(0, cells.Count).Where(cell => !hidden[cell] && cells[cell].Value > 0).ToList() is [_, ..] shown)
            hidden[shown.MinBy(cell => cells[cell].Value)] = true;
        return hidden;
    }

    // As filters have it: each bin is without its upper edge, but the last has both.
    private static bool IsIn(string text, double from, double to, bool isLast) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= from && (value < to || (isLast && value == to));

    private static string Name(double edge) => edge.ToString("0.###", CultureInfo.InvariantCulture);
}
