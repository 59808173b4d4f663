using Lazaret.Cohort.Faults;

namespace Lazaret.Cohort.Tables;

/// <summary>
/// Whether the texts of a column that nobody declares are numbers or levels. A column is one of both and never a mixture. A number that is written in another way
/// (<see cref="WrittenNumber"/>) counts as a number; a text that says that a value is missing counts as neither.
/// </summary>
internal sealed class ColumnTexts
{
    /// <summary>Up to so many different bounds may be the levels of a category: <c>&lt;50</c> and <c>≥50</c>.</summary>
    private const int MostMeasuredLevels = 2;

    private const string Bounds = "bounds";

    private readonly IReadOnlyList<string> _missing;
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    private ColumnTexts(IEnumerable<string> missing) => _missing = [.. missing.Distinct(StringComparer.Ordinal)];

    /// <summary>How many cells are not empty.</summary>
    public int All { get; private set; }

    /// <summary>How many of them are numbers as they stand.</summary>
    public int Numbers { get; private set; }

    /// <summary>How many of them write a number in another way.</summary>
    public int Written { get; private set; }

    /// <summary>Whether most cells mean numbers.</summary>
    public bool IsNumber { get; private set; }

    /// <summary>Whether the column has neither only numbers nor only levels, so that somebody must say what it is.</summary>
    public bool IsMixed { get; private set; }

    /// <summary>Whether a cell does not fit the column: a level among numbers, or a number among levels.</summary>
    public bool IsWrong(string text) => text.Length > 0 && IsMixed && (IsNumber ? !WrittenNumber.IsPlain(text) : WrittenNumber.IsPlain(text) || _written.Contains(text));

    /// <summary>What a message says about such a cell, after the column's name.</summary>
    /// <param name="cure">What to do about a number that is written in another way; null for the advice that helps in a data view.</param>
    public string WrongOf(string text, string? cure = null)
    {
        if (!IsNumber)
            return $"is a number in {Numbers + Written} of {All} rows: declare its levels in {SiteDeclaration.File}, or write the texts that mean a missing value into 'missing' there";
        return $"is no number in {All - Numbers} of {All} rows: {cure ?? WrittenNumber.CureOf(text) ?? (MissingCodes.Contains(text)
            ? $"if it means that the value is missing, write 'missing: [{string.Join(", ", _missing.Select(Yaml))}]' into {SiteDeclaration.File}"
            : $"write what means a missing value into 'missing' of {SiteDeclaration.File}, or declare the levels")}";
    }

    /// <param name="cells">The texts of the column.</param>
    /// <param name="missing">The texts that are already declared to mean a missing value.</param>
    public static ColumnTexts Of(IEnumerable<string> cells, IReadOnlyList<string> missing)
    {
        var counts = cells.Where(cell => cell.Length > 0).CountBy(cell => cell, StringComparer.Ordinal).ToList();
        var column = new ColumnTexts([.. missing, .. counts.Select(count => count.Key).Where(MissingCodes.Contains)]);
        var (others, hasRange) = (0, false);
        var unsure = new List<(string Text, int Count, Writing Writing, string Suffix)>();
        foreach (var (text, count) in counts)
        {
            column.All += count;
            if (WrittenNumber.IsPlain(text) && !IsCode(text))
            {
                column.Numbers += count;
                continue;
            }

            if (MissingCodes.Contains(text))
                continue;
            if (IsCode(text))
            {
                others += count;
                continue;
            }

            var writing = WrittenNumber.Of(text, out var suffix);
            if (writing >= Writing.Bound)
                unsure.Add((text, count, writing, suffix));
            else if (writing != Writing.None)
                column.Take(text, count);
            else
                (others, hasRange) = (others + count, hasRange || WrittenNumber.IsRange(text));
        }

        foreach (var kind in unsure.GroupBy(KindOf, StringComparer.Ordinal).OrderByDescending(kind => kind.Count()).ToList())
        {
            // Among bands of ages, the youngest and the oldest may be written as bounds.
            var isBand = hasRange && kind.Key == Bounds;
            var isSure = kind.First().Writing != Writing.Suffix && column.Numbers + column.Written > 0;
            // Codes such as 2a, 2b and 3a do not all end alike, and are few; the same holds for doses and for times of a visit.
            var isSeldomCode = others == 0 && kind.Any(cell => cell.Writing == Writing.Bound || cell.Suffix.StartsWith('%') || cell.Suffix.StartsWith("y", StringComparison.OrdinalIgnoreCase));
            var isWritten = !isBand && (isSure || kind.Count() > (isSeldomCode ? MostMeasuredLevels : Catalog.MostNumericLevels));
            foreach (var cell in kind)
            {
                if (isWritten)
                    column.Take(cell.Text, cell.Count);
                else
                    others += cell.Count;
            }
        }

        var meant = column.Numbers + column.Written;
        column.IsNumber = meant > 0 && meant >= others;
        column.IsMixed = meant > 0 && column.Numbers < column.All;
        return column;
    }

    /// <summary>Whether a text is a code such as <c>6E40</c> of ICD-11 and no number with an exponent: programs write exponents with a sign.</summary>
    private static bool IsCode(string text) => text.IndexOfAny(['e', 'E']) is > 0 and var at && text.Length > at + 1 && text.AsSpan(0, at).IndexOfAnyExceptInRange('0', '9') < 0 && text.AsSpan(at + 1).IndexOfAnyExceptInRange('0', '9') < 0;

    private static string KindOf((string Text, int Count, Writing Writing, string Suffix) cell) => cell.Writing switch
    {
        Writing.Bound or Writing.OrMore => Bounds,
        Writing.Semicolon => "semicolons",
        Writing.Unit => "units",
        _ => $"ends with {cell.Suffix}",
    };

    private void Take(string text, int count)
    {
        Written += count;
        _written.Add(text);
    }

    private static string Yaml(string text) => char.IsAsciiLetter(text[0]) ? Quoted.Bare(text) : $"\"{Quoted.Bare(text)}\"";
}
