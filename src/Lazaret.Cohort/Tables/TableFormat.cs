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
