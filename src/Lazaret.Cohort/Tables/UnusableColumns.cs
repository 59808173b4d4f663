using System.Globalization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>Columns that nobody declared and no question can use as they stand: dates, names, remarks.</summary>
internal static class UnusableColumns
{
    /// <summary>Fewer texts than that are levels, also of a small table.</summary>
    private const int FewLevels = 20;

    private static readonly string[] DateFormats = ["yyyy-MM-dd", "yyyy/MM/dd", "yyyyMMdd", "d.M.yyyy", "d/M/yyyy", "M/d/yyyy", "d-M-yyyy", "d.M.yy", "d/M/yy", "M/d/yy"];

    /// <param name="lines">Those that have something in the column.</param>
    public static Fault? Of(CsvTable table, int column, List<CsvLine> lines)
    {
        if (lines.Count < 3)
            return null;
        if (lines.TrueForAll(line => IsDate(line.Fields[column])))
        {
            var isNumber = double.IsFinite(TableNumber.Parse(lines[0].Fields[column]));
            return At($"holds dates, which count as {(isNumber ? "numbers of eight digits" : "levels of a category")}: write ages or times between dates as numbers, or leave the column out");
        }

        var levels = lines.Select(line => line.Fields[column]).Distinct(StringComparer.Ordinal).Count();
        return levels > FewLevels && 2 * levels > lines.Count && !lines.Exists(line => double.IsFinite(TableNumber.Parse(line.Fields[column])))
            ? At(string.Create(CultureInfo.InvariantCulture, $"has {levels} texts in {lines.Count} rows, each a level of a category: if these are names or remarks, leave the column out"))
            : null;

        Fault At(string message) => new(table.File, 1, column + 1, $"{Quoted.Bare(table.Columns[column])} {message}");
    }

    /// <summary>A date, or an instant that begins with one.</summary>
    private static bool IsDate(string text) =>
        DateOnly.TryParseExact(text.Split('T', ' ')[0], DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && date.Year is >= 1850 and <= 2150;
}
