using System.Globalization;
using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>Finds columns that nobody declared and that no question can use as they stand: dates, names, remarks.</summary>
internal static class UnusableColumns
{
    /// <summary>Up to so many different texts are levels, also in a small table.</summary>
    private const int FewLevels = 20;

    private static readonly string[] DateFormats = ["yyyy-MM-dd", "yyyy/MM/dd", "yyyyMMdd", "d.M.yyyy", "d/M/yyyy", "M/d/yyyy", "d-M-yyyy", "d.M.yy", "d/M/yy", "M/d/yy", "d-MMM-yy", "d-MMM-yyyy", "d MMM yyyy", "d MMMM yyyy", "MMM d, yyyy", "MMMM d, yyyy", "yyyy-MMM-dd",
        "d-MMM", "MMM-yy", "MMM yy", "d. MMM", "d. MMMM", "d. MMM yy", "d. MMM yyyy", "d. MMMM yyyy", "d MMM", "MMM d"];

    // The names of months in German and French, where they differ from the English ones.
    private static readonly (string Month, string English)[] Months =
        [("Mai", "May"), ("Okt", "Oct"), ("Dez", "Dec"), ("Mär", "Mar"), ("Mrz", "Mar"), ("janv.", "Jan"), ("févr.", "Feb"), ("mars", "Mar"), ("avr.", "Apr"), ("juin", "Jun"), ("juil.", "Jul"), ("août", "Aug"), ("sept.", "Sep"), ("déc.", "Dec")];

    /// <param name="lines">The lines whose field in the column is not empty.</param>
    public static Fault? Of(CsvTable table, int column, List<CsvLine> lines)
    {
        if (lines.Count < 3)
            return null;
        var isNumber = lines.TrueForAll(line => double.IsFinite(TableNumber.Parse(line.Fields[column])));
        if (2 * lines.Count(line => IsDate(line.Fields[column])) >= lines.Count)
            return At($"holds dates, which count as {(isNumber ? "numbers of eight digits" : table.File == DataView.OutcomesFile ? "missing values" : "levels of a category")}: write ages or times between dates as numbers, or leave the column out");
        if (table.File == DataView.OutcomesFile || isNumber)
            return null;
        var levels = lines.Select(line => line.Fields[column]).Distinct(StringComparer.Ordinal).Count();
        // About numbers in another way of writing, another fault says how to write them.
        return levels > FewLevels && 2 * levels > lines.Count && lines.TrueForAll(line => !WrittenNumber.IsPlain(line.Fields[column]) && WrittenNumber.Of(line.Fields[column], out _) == Writing.None)
            ? At(string.Create(CultureInfo.InvariantCulture, $"has {levels} texts in {lines.Count} rows, each a level of a category: if these are names or remarks, leave the column out"))
            : null;

        Fault At(string message) => new(table.File, 1, column + 1, $"{Quoted.Bare(table.Columns[column])} {message}");
    }

    /// <summary>Whether a text is a date, or begins with one; also a date that a spreadsheet made from a number: <c>1-May</c>, <c>01. Mai</c>.</summary>
    public static bool IsDate(string text)
    {
        foreach (var (month, english) in Months)
            text = text.Replace(month, english, StringComparison.OrdinalIgnoreCase);
        return (DateOnly.TryParseExact(text.Split('T', ' ')[0], DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            || DateOnly.TryParseExact(text, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out date)) && date.Year is >= 1850 and <= 2150;
    }
}
