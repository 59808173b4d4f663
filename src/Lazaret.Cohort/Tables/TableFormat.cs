using System.Globalization;

namespace Lazaret.Cohort.Tables;

/// <summary>How a site's tables are written: by default RFC 4180 with BIDS' <c>n/a</c> for what is missing, beside the empty field.</summary>
public sealed record TableFormat
{
    /// <summary>Between fields: a comma, a semicolon or a tabulator.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>What says that the separator is this one: a file, or a standard; null where nothing does.</summary>
    public string? SeparatorBy { get; init; }

    /// <summary>Before the decimals of a number: a point or a comma.</summary>
    public char DecimalMark { get; init; } = '.';

    /// <summary>Texts that stand for a missing value, numbers in any of their ways of writing.</summary>
    public IReadOnlyList<string> Missing { get; init; } = ["n/a"];

    /// <summary>A field as the rest of the program reads it: empty where it is missing, numbers with a point.</summary>
    /// <param name="wrong">Why it is neither; then it counts as missing.</param>
    public string Read(string field, out string? wrong)
    {
        wrong = null;
        if (field.Length == 0 || Missing.Contains(field))
            return "";
        if (TableNumber.Parse(field) is var number && double.IsFinite(number) && Missing.Any(missing => TableNumber.Parse(missing) == number))
            return "";
        if (DecimalMark == '.')
            return field;
        var comma = field.Replace(',', '.');
        if (field.Contains('.') && double.IsFinite(number))
            wrong = "has a point, though site.yaml says of all tables that decimals follow a comma: write a comma here too";
        else if (field.Count(c => c == ',') == 1 && double.IsFinite(TableNumber.Parse(comma)))
            return Missing.Any(missing => TableNumber.Parse(missing) == TableNumber.Parse(comma)) ? "" : comma;
        return wrong is null ? field : "";
    }

    /// <summary>The separator by the name that messages use.</summary>
    public static string NameOf(char separator) => separator == '\t' ? "a tabulator" : string.Create(CultureInfo.InvariantCulture, $"'{separator}'");
}
