using System.Globalization;

namespace Lazaret.Cohort.Tables;

/// <summary>How a site's tables are written: by default RFC 4180, with <c>n/a</c> (as in BIDS) or the empty field for a missing value.</summary>
public sealed record TableFormat
{
    /// <summary>The character between fields: a comma, a semicolon or a tabulator.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>The file or the standard that says which separator it is; null when nothing does.</summary>
    public string? SeparatorBy { get; init; }

    /// <summary>The character before the decimals of a number: a point or a comma.</summary>
    public char DecimalMark { get; init; } = '.';

    /// <summary>The texts that stand for a missing value. A number stands for one in any way of writing it.</summary>
    public IReadOnlyList<string> Missing { get; init; } = ["n/a"];

    /// <summary>A field as the rest of the program reads it: empty if the value is missing, numbers with a point.</summary>
    /// <param name="wrong">What is wrong with the field, which then counts as missing; null when nothing is.</param>
    public string Read(string field, out string? wrong)
    {
        wrong = null;
        if (field.Length == 0 || Missing.Contains(field) || IsMissing(TableNumber.Parse(field)))
            return "";
        if (DecimalMark == ',' && field.Contains('.') && WrittenNumber.IsPlain(field))
        {
            wrong = $"has a point{(WrittenNumber.IsThousands(field) ? ", before decimals or between thousands" : "")}, though site.yaml says of all tables that decimals follow a comma: {(WrittenNumber.IsThousands(field) ? "write decimals behind a comma, and thousands without a mark" : "write a comma here too")}";
            return "";
        }

        var plain = WithPoint(field);
        return IsMissing(TableNumber.Parse(plain)) ? "" : plain;

        bool IsMissing(double number) => double.IsFinite(number) && Missing.Any(missing => TableNumber.Parse(WithPoint(missing)) == number);
    }

    /// <summary>A number with the point that the rest of the program reads; any other text as it is.</summary>
    public string WithPoint(string text) => DecimalMark == ',' && WrittenNumber.IsComma(text) ? text.Replace(',', '.') : text;

    /// <summary>The separator by the name that messages use.</summary>
    public static string NameOf(char separator) => separator == '\t' ? "a tabulator" : string.Create(CultureInfo.InvariantCulture, $"'{separator}'");
}
